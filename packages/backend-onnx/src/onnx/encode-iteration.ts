import type { Computation } from '../ir/computation.js';
import { dataOf } from '../ir/constant.js';
import type { ConstantData, Value } from '../ir/graph.js';
import {
  type ModelNotes,
  type NamedComputation,
  nameValues,
  writeArray,
  writeConstant,
  writeGraphName,
  writeModel,
  writeNodes,
  writeValue,
} from './encode-model.js';
import { writeNode } from './node.js';
import type { WireWriter } from './wire.js';

/**
 * An iteration as kinds of steps. The computations have the same inputs: the step's index (int64, no
 * axes), what is carried, of which the first is the state, and others; and the same outputs, first
 * what is carried on.
 */
interface IterationGraph {
  readonly computations: readonly Computation[];
  /** The kind of each step: its place among the computations. */
  readonly kindOf: readonly number[];
  readonly carried: readonly ValueType[];
}

type ValueType = Pick<Value, 'type' | 'shape'>;

interface StepNames {
  /** Of the inputs of a step. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * One step as a model, of which the index of the step is an input. Where the steps are of several
 * kinds, `If` chooses among them; weights are stored once.
 */
export function encodeIterationStep(
  graph: IterationGraph,
  names: StepNames,
  notes: ModelNotes,
): Uint8Array {
  const kinds = nameKinds(graph, names.inputs, names.outputs);
  return writeModel(kinds.named, notes, (out) => {
    writeChoice(out, graph, kinds, names);
    writeConstants(out, graph, kinds);
    writeInputs(out, graph, kinds, names.inputs, notes);
    graph.computations[0]!.outputs.forEach((value, i) => {
      writeValue(out, 'output', names.outputs[i]!, value, notes);
    });
  });
}

/**
 * The whole iteration as a model: a `Loop` over the steps, from the start times `scale` to the last
 * state. What is carried beside the state starts as zeros.
 *
 * @param names.inputs of the start, and of the further inputs in their order
 */
export function encodeIteration(
  graph: IterationGraph,
  names: { readonly inputs: readonly string[]; readonly output: string },
  scale: number,
  notes: ModelNotes,
): Uint8Array {
  const [start = '', ...further] = names.inputs;
  const [state, ...others] = graph.carried;
  const slots = ['state', ...others.map((_, i) => `carried${i + 1}`)];
  const taken = slots.map((slot) => `loop_${slot}`);
  const outputs = ['loop_next', ...others.map((_, i) => `loop_carried${i + 1}_next`)];
  const inputs = ['loop_step', ...taken, ...further];
  const kinds = nameKinds(graph, inputs, outputs);
  return writeModel(kinds.named, notes, (out) => {
    writeNode(out, { operator: 'Mul', inputs: [start, 'start_scale'], outputs: ['start_state'] });
    others.forEach(({ type }, i) => {
      const slot = slots[i + 1]!;
      const inputs = [`zero_${type}`, `${slot}_shape`];
      writeNode(out, { operator: 'Expand', inputs, outputs: [`start_${slot}`] });
    });
    const starts = slots.map((slot) => `start_${slot}`);
    const last = [names.output, ...slots.slice(1).map((slot) => `last_${slot}`)];
    writeNode(out, {
      operator: 'Loop',
      inputs: ['step_count', '', ...starts],
      outputs: last,
      graphs: {
        body(body) {
          writeChoice(body, graph, kinds, { inputs, outputs });
          writeNode(body, {
            operator: 'Identity',
            inputs: ['loop_going'],
            outputs: ['loop_goes_on'],
          });
          writeGraphName(body, 'step');
          writeValue(body, 'input', 'loop_step', { type: 'int64', shape: [] });
          writeValue(body, 'input', 'loop_going', { type: 'bool', shape: [] });
          graph.carried.forEach((type, i) => {
            writeValue(body, 'input', taken[i]!, type);
          });
          writeValue(body, 'output', 'loop_goes_on', { type: 'bool', shape: [] });
          graph.carried.forEach((type, i) => {
            writeValue(body, 'output', outputs[i]!, type);
          });
        },
      },
    });
    writeArray(out, 'start_scale', 'float32', Float32Array.of(scale), []);
    writeArray(out, 'step_count', 'int64', BigInt64Array.of(BigInt(graph.kindOf.length)), []);
    for (const type of new Set(others.map(({ type }) => type))) {
      writeArray(out, `zero_${type}`, type, dataOf(type, [0]), []);
    }
    others.forEach(({ shape }, i) => {
      const extents = dataOf('int64', shape);
      writeArray(out, `${slots[i + 1]}_shape`, 'int64', extents, [shape.length]);
    });
    writeConstants(out, graph, kinds);
    // The index and what is carried are the loop's own.
    const own = ['', start, ...others.map(() => '')];
    writeInputs(out, graph, kinds, [...own, ...further], notes);
    writeValue(out, 'output', names.output, state!, notes);
  });
}

interface NamedKinds {
  readonly named: readonly NamedComputation[];
  /** Each constant once, whichever kinds use it. */
  readonly constants: ReadonlyMap<string, Value>;
}

function nameKinds(
  { computations }: IterationGraph,
  inputs: readonly string[],
  outputs: readonly string[],
): NamedKinds {
  const constants = new Map<string, Value>();
  const known = new Map<ConstantData, Map<string, string>>();
  // Copies of a graph keep the arrays of its constants, so that equal weights are found by identity.
  const constantName = (value: Value): string => {
    if (value.source.kind !== 'constant') throw new Error(`value ${value.id} is no constant`);
    const { data } = value.source;
    const ofData = known.get(data) ?? new Map<string, string>();
    known.set(data, ofData);
    const shape = `${value.shape}`;
    const name = ofData.get(shape) ?? `c${constants.size}`;
    ofData.set(shape, name);
    constants.set(name, value);
    return name;
  };
  const named = computations.map((computation, k) => {
    const isOnly = computations.length === 1;
    const own = isOnly ? outputs : outputs.map((name) => `kind${k}_${name}`);
    return nameValues(computation, { inputs, outputs: own }, `kind${k}_`, constantName);
  });
  return { named, constants };
}

const isKind = (kind: number) => `is_kind${kind}`;

function writeConstants(out: WireWriter, { kindOf }: IterationGraph, kinds: NamedKinds): void {
  for (const [name, value] of kinds.constants) writeConstant(out, name, value);
  for (let kind = 0; kind < kinds.named.length - 1; kind++) {
    const table = Uint8Array.from(kindOf, (other) => Number(other === kind));
    writeArray(out, isKind(kind), 'bool', table, [table.length]);
  }
}

/** The step of the kind that the index has; kinds from `kind` on are tried. */
function writeChoice(
  out: WireWriter,
  graph: IterationGraph,
  kinds: NamedKinds,
  names: StepNames,
  kind = 0,
): void {
  const named = kinds.named[kind]!;
  if (kinds.named.length === 1) {
    writeNodes(out, named);
    return;
  }
  const results = graph.computations[0]!.outputs;
  const branch = (write: (inner: WireWriter) => void, outputs: readonly string[], name: string) => {
    return (inner: WireWriter) => {
      write(inner);
      writeGraphName(inner, name);
      outputs.forEach((output, i) => {
        writeValue(inner, 'output', output, results[i]!);
      });
    };
  };
  const own = named.outputs.map(({ name }) => name);
  const isLastPair = kind === kinds.named.length - 2;
  const last = kinds.named[kind + 1]!;
  const rest = isLastPair
    ? last.outputs.map(({ name }) => name)
    : names.outputs.map((name) => `other${kind}_${name}`);
  const isNow = `${isKind(kind)}_now`;
  writeNode(out, {
    operator: 'Gather',
    inputs: [isKind(kind), names.inputs[0]!],
    outputs: [isNow],
  });
  writeNode(out, {
    operator: 'If',
    inputs: [isNow],
    outputs: names.outputs,
    graphs: {
      then_branch: branch((inner) => writeNodes(inner, named), own, `kind${kind}`),
      else_branch: branch(
        (inner) =>
          isLastPair
            ? writeNodes(inner, last)
            : writeChoice(inner, graph, kinds, { inputs: names.inputs, outputs: rest }, kind + 1),
        rest,
        `other${kind}`,
      ),
    },
  });
}

/** Inputs that no kind uses are left out. */
function writeInputs(
  out: WireWriter,
  { computations }: IterationGraph,
  kinds: NamedKinds,
  names: readonly string[],
  notes: ModelNotes,
): void {
  names.forEach((name, i) => {
    // A choice of kinds needs the index of the step.
    const isUsed =
      (i === 0 && computations.length > 1) ||
      computations.some(({ graph }, k) => kinds.named[k]!.used.has(graph.inputs[i]!));
    if (name !== '' && isUsed)
      writeValue(out, 'input', name, computations[0]!.graph.inputs[i]!, notes);
  });
}
