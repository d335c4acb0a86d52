import type { Computation } from '../ir/computation.js';
import { type ElementType, elementCode } from '../ir/element-type.js';
import type { ConstantData, Domain, Node, Value } from '../ir/graph.js';
import { nodesBehind } from '../ir/graph.js';
import { onnxFields } from './fields.js';
import { writeNode } from './node.js';
import { createWireWriter, type WireWriter } from './wire.js';

const IR_VERSION = 8;
const OPSET_VERSION = 18;
const PRODUCER = 'tweedie';

/** What a model calls its inputs and outputs, in order. */
export interface ModelNames {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What a model says of itself; none of it changes what is computed. */
export interface ModelNotes {
  /** What the model is, for people. */
  readonly documentation?: string | undefined;
  /** What an input or output is, by its name. */
  readonly descriptions?: Readonly<Record<string, string>> | undefined;
  /** Facts for programs, by their names. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
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
  names: ModelNames = numberedNames(computation),
  notes: ModelNotes = {},
): Uint8Array {
  const named = nameValues(computation, names);
  return writeModel([named], notes, (out) => {
    writeNodes(out, named);
    for (const [value, name] of named.constants) writeConstant(out, name, value);
    for (const value of computation.graph.inputs) {
      if (named.used.has(value)) writeValue(out, 'input', named.nameOf(value), value, notes);
    }
    for (const { name, value } of named.outputs) writeValue(out, 'output', name, value, notes);
  });
}

/** The nodes that a computation needs, and what their values are called. */
export interface NamedComputation {
  readonly nodes: readonly Node[];
  readonly outputs: readonly { readonly name: string; readonly value: Value }[];
  /** Outputs that no node makes under their own name. */
  readonly copies: readonly { readonly name: string; readonly value: Value }[];
  readonly used: ReadonlySet<Value>;
  readonly constants: readonly (readonly [value: Value, name: string])[];
  readonly prefix: string;
  nameOf(value: Value): string;
}

/**
 * @param prefix of the names that are not given, where several computations share one model
 * @param constantName the name of a constant that may be shared with another computation
 */
export function nameValues(
  computation: Computation,
  names: ModelNames,
  prefix = '',
  constantName = (value: Value) => `${prefix}v${value.id}`,
): NamedComputation {
  const outputs = computation.outputs.map((value, i) => ({ name: names.outputs[i]!, value }));
  const nodes = nodesBehind(computation.graph, computation.outputs);
  const used = new Set<Value>();
  for (const node of nodes) for (const input of node.inputs) if (input !== null) used.add(input);
  for (const output of computation.outputs) used.add(output);

  const given = new Map<Value, string>();
  // What a node computes is named as the output it is; an input, a constant or a value that is
  // returned twice reaches its output through a copy.
  const copies = outputs.filter(({ name, value }) => {
    if (value.source.kind !== 'node' || given.has(value)) return true;
    given.set(value, name);
    return false;
  });
  const constants = [...used].flatMap((value) =>
    value.source.kind === 'constant' ? [[value, constantName(value)] as const] : [],
  );
  for (const [value, name] of constants) given.set(value, name);
  const nameOf = (value: Value) =>
    value.source.kind === 'input'
      ? names.inputs[value.source.index]!
      : (given.get(value) ?? `${prefix}v${value.id}`);
  return { nodes, outputs, copies, used, constants, prefix, nameOf };
}

/** A model around a graph, whose contents `writeGraph` writes. */
export function writeModel(
  computations: readonly NamedComputation[],
  { documentation, metadata = {} }: ModelNotes,
  writeGraph: (out: WireWriter) => void,
): Uint8Array {
  const { model: fields, operatorSet, stringEntry } = onnxFields;
  const domains = new Set<Domain>(['']);
  for (const { nodes } of computations) for (const { domain } of nodes) domains.add(domain);
  const model = createWireWriter();
  model.integer(fields.irVersion, IR_VERSION);
  model.text(fields.producerName, PRODUCER);
  if (documentation !== undefined) model.text(fields.docString, documentation);
  model.message(fields.graph, (out) => {
    writeGraph(out);
    out.text(onnxFields.graph.name, PRODUCER);
  });
  for (const domain of domains) {
    model.message(fields.opsetImport, (inner) => {
      inner.text(operatorSet.domain, domain);
      inner.integer(operatorSet.version, domain === '' ? OPSET_VERSION : 1);
    });
  }
  for (const [key, value] of Object.entries(metadata)) {
    model.message(fields.metadataProps, (inner) => {
      inner.text(stringEntry.key, key);
      inner.text(stringEntry.value, value);
    });
  }
  return model.finish();
}

export function writeNodes(out: WireWriter, { nodes, copies, prefix, nameOf }: NamedComputation) {
  nodes.forEach(({ operator, inputs, outputs, attributes, domain }, index) => {
    writeNode(out, {
      operator,
      inputs: inputs.map((input) => (input === null ? '' : nameOf(input))),
      outputs: outputs.map(nameOf),
      name: `${prefix}${operator}_${index}`,
      attributes,
      domain,
    });
  });
  for (const { name, value } of copies) {
    const copy = { inputs: [nameOf(value)], outputs: [name], name: `copy to ${name}` };
    writeNode(out, { operator: 'Identity', ...copy });
  }
}

/** One initializer of a graph. */
export function writeConstant(out: WireWriter, name: string, value: Value): void {
  if (value.source.kind !== 'constant') throw new Error(`value ${value.id} is no constant`);
  writeArray(out, name, value.type, value.source.data, value.shape);
}

export function writeArray(
  out: WireWriter,
  name: string,
  type: ElementType,
  data: ConstantData,
  dims: readonly number[],
): void {
  const { tensor } = onnxFields;
  out.message(onnxFields.graph.initializer, (inner) => {
    inner.packedIntegers(tensor.dims, dims);
    inner.integer(tensor.dataType, elementCode[type]);
    inner.text(tensor.name, name);
    inner.bytes(tensor.rawData, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  });
}

/** The name of a graph inside a node, which is there for people. */
export const writeGraphName = (out: WireWriter, name: string) =>
  out.text(onnxFields.graph.name, name);

/** Name, type and shape of an input or output of a graph. */
export function writeValue(
  out: WireWriter,
  end: 'input' | 'output',
  name: string,
  { type, shape }: Pick<Value, 'type' | 'shape'>,
  { descriptions = {} }: ModelNotes = {},
): void {
  const { valueInfo, tensorType, tensorShape, dimension } = onnxFields;
  out.message(onnxFields.graph[end], (inner) => {
    inner.text(valueInfo.name, name);
    inner.message(valueInfo.type, (about) => {
      about.message(onnxFields.type.tensorType, (tensor) => {
        tensor.integer(tensorType.elemType, elementCode[type]);
        tensor.message(tensorType.shape, (dims) => {
          for (const extent of shape) {
            dims.message(tensorShape.dim, (dim) => dim.integer(dimension.dimValue, extent));
          }
        });
      });
    });
    const description = descriptions[name];
    if (description !== undefined) inner.text(valueInfo.docString, description);
  });
}
