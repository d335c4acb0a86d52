/** Field numbers of ONNX's messages, as many as are written, by their names in onnx.proto3 (ONNX 1.14). */
export const onnxFields = {
  model: {
    irVersion: 1,
    producerName: 2,
    docString: 6,
    graph: 7,
    opsetImport: 8,
    metadataProps: 14,
  },
  operatorSet: { domain: 1, version: 2 },
  stringEntry: { key: 1, value: 2 },
  graph: { node: 1, name: 2, initializer: 5, input: 11, output: 12 },
  node: { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 },
  attribute: { name: 1, f: 2, i: 3, s: 4, g: 6, floats: 7, ints: 8, type: 20 },
  tensor: { dims: 1, dataType: 2, name: 8, rawData: 9 },
  valueInfo: { name: 1, type: 2, docString: 3 },
  type: { tensorType: 1 },
  tensorType: { elemType: 1, shape: 2 },
  tensorShape: { dim: 1 },
  dimension: { dimValue: 1 },
} as const;

/** The numbers of `AttributeProto.AttributeType`. */
export const attributeType = { float: 1, int: 2, string: 3, graph: 5, floats: 6, ints: 7 } as const;
