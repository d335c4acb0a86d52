import type { Attribute, ConstantData, Domain, ElementType, Node, Value } from '../graph/graph.js';
import { nodesBehind } from '../graph/graph.js';
import type { Computation } from '../passes/rewrite.js';
import { createWireWriter, type WireWriter } from './wire.js';

/** Field numbers and enumerations are those of onnx.proto3 (ONNX 1.14, IR version 8). */
const IR_VERSION = 8;
const OPSET_VERSION = 18;
const elementCode: Readonly<Record<ElementType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
};

/** What a model calls its inputs and outputs, in order. */
export interface ModelNames {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** input_0, input_1, … and output_0, output_1, … */
export function numberedNames({ graph, outputs }: Computation): ModelNames {
  return {
    inputs: graph.inputs.map((_, index) => `input_${index}`),
    outputs: outputs.map((_, index) => `output_${index}`),
  };
}

/** A computation as the bytes of an ONNX model. Inputs that nothing depends on are left out of it. */
export function encodeModel(
  computation: Computation,
  { inputs: inputNames, outputs: outputNames }: ModelNames = numberedNames(computation),
): Uint8Array {
  const { graph } = computation;
  const outputs = computation.outputs.map((value, i) => ({ name: outputNames[i]!, value }));
  const nodes = nodesBehind(graph, computation.outputs);
  const used = new Set<Value>();
  for (const node of nodes) for (const input of node.inputs) if (input !== null) used.add(input);
  for (const output of computation.outputs) used.add(output);

  const names = new Map<Value, string>();
  // What a node computes is named as the output it is; an input, a constant or a value that is
  // returned twice reaches its output through a copy.
  const copies = outputs.filter(({ name, value }) => {
    if (value.source.kind !== 'node' || names.has(value)) return true;
    names.set(value, name);
    return false;
  });
  const nameOf = (value: Value) =>
    value.source.kind === 'input'
      ? inputNames[value.source.index]!
      : (names.get(value) ?? `v${value.id}`);
  const domains = new Set<Domain>(['', ...nodes.map((node) => node.domain)]);

  const model = createWireWriter();
  model.integer(1, IR_VERSION);
  model.text(2, 'tweedie');
  model.message(7, (out) => {
    nodes.forEach((node, index) => {
      out.message(1, (inner) => writeNode(inner, node, index, nameOf));
    });
    for (const { name, value } of copies) {
      out.message(1, (inner) => {
        inner.text(1, nameOf(value));
        inner.text(2, name);
        inner.text(3, `copy to ${name}`);
        inner.text(4, 'Identity');
      });
    }
    out.text(2, 'tweedie');
    for (const value of used) {
      if (value.source.kind !== 'constant') continue;
      const { data } = value.source;
      out.message(5, (inner) => writeConstant(inner, nameOf(value), value, data));
    }
    for (const value of graph.inputs) {
      if (used.has(value)) out.message(11, (inner) => writeType(inner, nameOf(value), value));
    }
    for (const { name, value } of outputs) {
      out.message(12, (inner) => writeType(inner, name, value));
    }
  });
  for (const domain of domains) {
    model.message(8, (inner) => {
      inner.text(1, domain);
      inner.integer(2, domain === '' ? OPSET_VERSION : 1);
    });
  }
  return model.finish();
}

function writeNode(
  out: WireWriter,
  node: Node,
  index: number,
  nameOf: (value: Value) => string,
): void {
  for (const input of node.inputs) out.text(1, input === null ? '' : nameOf(input));
  for (const output of node.outputs) out.text(2, nameOf(output));
  out.text(3, `${node.operator}_${index}`);
  out.text(4, node.operator);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    out.message(5, (inner) => writeAttribute(inner, name, attribute));
  }
  if (node.domain !== '') out.text(7, node.domain);
}

function writeAttribute(out: WireWriter, name: string, attribute: Attribute): void {
  out.text(1, name);
  switch (attribute.kind) {
    case 'float':
      out.float(2, attribute.value);
      out.integer(20, 1);
      return;
    case 'int':
      out.integer(3, attribute.value);
      out.integer(20, 2);
      return;
    case 'text':
      out.text(4, attribute.value);
      out.integer(20, 3);
      return;
    case 'floats':
      out.packedFloats(7, attribute.value);
      out.integer(20, 6);
      return;
    case 'ints':
      out.packedIntegers(8, attribute.value);
      out.integer(20, 7);
      return;
  }
}

function writeConstant(out: WireWriter, name: string, value: Value, data: ConstantData): void {
  out.packedIntegers(1, value.shape);
  out.integer(2, elementCode[value.type]);
  out.text(8, name);
  out.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeType(out: WireWriter, name: string, value: Value): void {
  out.text(1, name);
  out.message(2, (type) => {
    type.message(1, (tensor) => {
      tensor.integer(1, elementCode[value.type]);
      tensor.message(2, (shape) => {
        for (const extent of value.shape) shape.message(1, (dim) => dim.integer(1, extent));
      });
    });
  });
}
