import type { Computation } from '../ir/computation.js';
import { type ElementType, elementCode } from '../ir/element-type.js';
import type { Attribute, ConstantData, Domain, Node, Value } from '../ir/graph.js';
import { nodesBehind } from '../ir/graph.js';
import { createWireWriter, type WireWriter } from './wire.js';

/** Field numbers and enumerations are those of onnx.proto3 (ONNX 1.14, IR version 8). */
const IR_VERSION = 8;
const OPSET_VERSION = 18;
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
      if (named.used.has(value)) writeValue(out, 11, named.nameOf(value), value, notes);
    }
    for (const { name, value } of named.outputs) writeValue(out, 12, name, value, notes);
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

/** A model around a graph, whose parts `writeGraph` writes. */
export function writeModel(
  parts: readonly NamedComputation[],
  { documentation, metadata = {} }: ModelNotes,
  writeGraph: (out: WireWriter) => void,
): Uint8Array {
  const domains = new Set<Domain>(['']);
  for (const { nodes } of parts) for (const { domain } of nodes) domains.add(domain);
  const model = createWireWriter();
  model.integer(1, IR_VERSION);
  model.text(2, 'tweedie');
  if (documentation !== undefined) model.text(6, documentation);
  model.message(7, (out) => {
    writeGraph(out);
    out.text(2, 'tweedie');
  });
  for (const domain of domains) {
    model.message(8, (inner) => {
      inner.text(1, domain);
      inner.integer(2, domain === '' ? OPSET_VERSION : 1);
    });
  }
  for (const [key, value] of Object.entries(metadata)) {
    model.message(14, (inner) => {
      inner.text(1, key);
      inner.text(2, value);
    });
  }
  return model.finish();
}

export function writeNodes(out: WireWriter, { nodes, copies, prefix, nameOf }: NamedComputation) {
  nodes.forEach((node, index) => {
    out.message(1, (inner) => writeNode(inner, node, `${prefix}${node.operator}_${index}`, nameOf));
  });
  for (const { name, value } of copies) {
    out.message(1, (inner) => {
      inner.text(1, nameOf(value));
      inner.text(2, name);
      inner.text(3, `copy to ${name}`);
      inner.text(4, 'Identity');
    });
  }
}

function writeNode(
  out: WireWriter,
  node: Node,
  name: string,
  nameOf: (value: Value) => string,
): void {
  for (const input of node.inputs) out.text(1, input === null ? '' : nameOf(input));
  for (const output of node.outputs) out.text(2, nameOf(output));
  out.text(3, name);
  out.text(4, node.operator);
  for (const [attributeName, attribute] of Object.entries(node.attributes)) {
    out.message(5, (inner) => writeAttribute(inner, attributeName, attribute));
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
  out.message(5, (inner) => {
    inner.packedIntegers(1, dims);
    inner.integer(2, elementCode[type]);
    inner.text(8, name);
    inner.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  });
}

/** Name, type and shape of an input (field 11 of a graph) or output (field 12). */
export function writeValue(
  out: WireWriter,
  field: 11 | 12,
  name: string,
  { type, shape }: Pick<Value, 'type' | 'shape'>,
  { descriptions = {} }: ModelNotes = {},
): void {
  out.message(field, (inner) => {
    inner.text(1, name);
    inner.message(2, (about) => {
      about.message(1, (tensor) => {
        tensor.integer(1, elementCode[type]);
        tensor.message(2, (dims) => {
          for (const extent of shape) dims.message(1, (dim) => dim.integer(1, extent));
        });
      });
    });
    const description = descriptions[name];
    if (description !== undefined) inner.text(3, description);
  });
}
