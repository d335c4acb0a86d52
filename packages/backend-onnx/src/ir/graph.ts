import type { ElementType } from './element-type.js';

export type ConstantData = Float32Array | Int32Array | BigInt64Array | Uint8Array | Int8Array;

export type Attribute =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'ints' | 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'text'; readonly value: string };
export type Attributes = Readonly<Record<string, Attribute>>;

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const float = (value: number): Attribute => ({ kind: 'float', value });
export const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });
export const text = (value: string): Attribute => ({ kind: 'text', value });

/** ONNX operator sets: the standard one, ONNX Runtime's additions, and its blocked convolutions. */
export type Domain = '' | 'com.microsoft' | 'com.microsoft.nchwc';

/** One array in the graph, of static type and shape. */
export interface Value {
  readonly graph: Graph;
  readonly id: number;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly source:
    | { readonly kind: 'input'; readonly index: number }
    | { readonly kind: 'constant'; readonly data: ConstantData }
    | { readonly kind: 'node'; readonly node: Node };
}

export interface Node {
  readonly operator: string;
  readonly domain: Domain;
  /** null stands for an optional input that is left out. */
  readonly inputs: readonly (Value | null)[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
}

interface ValueType {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** What a graph may be written in. */
export interface Dialect {
  /** 'standard' emits only operators of the ONNX standard; 'runtime' also ONNX Runtime's own. */
  readonly operators: 'standard' | 'runtime';
  /** Channels of a block of the blocked convolutions; 0 does without them. */
  readonly blockSize: number;
}

/**
 * A graph under construction. Equal constants are one value, and a node that repeats an earlier one
 * (same operator, attributes and inputs) is that node: the backward pass recomputes what the forward
 * pass has, and here it costs nothing.
 */
export interface Graph extends Dialect {
  readonly inputs: readonly Value[];
  /** In an order in which every node follows its inputs. */
  readonly nodes: readonly Node[];
  input(type: ElementType, shape: readonly number[]): Value;
  constant(type: ElementType, data: ConstantData, shape: readonly number[]): Value;
  emit(
    operator: string,
    inputs: readonly (Value | null)[],
    outputs: readonly ValueType[],
    attributes?: Attributes,
    domain?: Domain,
  ): readonly Value[];
}

export function createGraph(dialect: Dialect): Graph {
  const inputs: Value[] = [];
  const nodes: Node[] = [];
  const known = new Map<string, Node>();
  const constants = new Map<string, Value[]>();
  let nextId = 0;

  const graph: Graph = {
    ...dialect,
    inputs,
    nodes,

    input(type, shape) {
      const source = { kind: 'input', index: inputs.length } as const;
      const value: Value = { graph, id: nextId++, type, shape, source };
      inputs.push(value);
      return value;
    },

    constant(type, data, shape) {
      const key = `${type}[${shape}]${hashOf(data)}`;
      const alike = constants.get(key) ?? [];
      for (const candidate of alike) {
        if (candidate.source.kind === 'constant' && sameBits(candidate.source.data, data)) {
          return candidate;
        }
      }
      const value: Value = { graph, id: nextId++, type, shape, source: { kind: 'constant', data } };
      constants.set(key, [...alike, value]);
      return value;
    },

    emit(operator, nodeInputs, outputs, attributes = {}, domain = '') {
      const key = `${domain}.${operator}(${nodeInputs.map((value) => value?.id ?? '')})${JSON.stringify(attributes)}`;
      const before = known.get(key);
      if (before !== undefined) return before.outputs;
      const values: Value[] = [];
      const node: Node = { operator, domain, inputs: nodeInputs, attributes, outputs: values };
      const source = { kind: 'node', node } as const;
      for (const { type, shape } of outputs) {
        values.push({ graph, id: nextId++, type, shape, source });
      }
      nodes.push(node);
      known.set(key, node);
      return values;
    },
  };
  return graph;
}

/** The nodes that the given values depend on, in order. */
export function nodesBehind(graph: Graph, values: readonly Value[]): readonly Node[] {
  const needed = new Set<Node>();
  const pending = [...values];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (value.source.kind !== 'node' || needed.has(value.source.node)) continue;
    needed.add(value.source.node);
    for (const input of value.source.node.inputs) if (input !== null) pending.push(input);
  }
  return graph.nodes.filter((node) => needed.has(node));
}

/** The bits of a constant, in words of four bytes where it has them. */
function bitsOf({ buffer, byteOffset, byteLength }: ConstantData): Int32Array | Uint8Array {
  const inWords = byteOffset % 4 === 0 && byteLength % 4 === 0;
  return inWords
    ? new Int32Array(buffer, byteOffset, byteLength / 4)
    : new Uint8Array(buffer, byteOffset, byteLength);
}

/** FNV-1a, a word at a time. */
function hashOf(data: ConstantData): number {
  const bits = bitsOf(data);
  let hash = 0x811c9dc5;
  for (let i = 0; i < bits.length; i++) hash = Math.imul(hash ^ bits[i]!, 0x01000193);
  return hash >>> 0;
}

/** Whether two constants have the same bits. */
export function sameBits(a: ConstantData, b: ConstantData): boolean {
  const left = bitsOf(a);
  const right = bitsOf(b);
  if (left.length !== right.length) return false;
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}
