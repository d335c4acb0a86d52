import { TweedieError } from '@tweedie/core';
import { add } from '../ir/arithmetic.js';
import type { Computation } from '../ir/computation.js';
import { scalar, scalarOf } from '../ir/constant.js';
import { copyInto } from '../ir/copy.js';
import type { LeafType } from '../ir/element-type.js';
import { createGraph, type Graph, nodesBehind, sameBits, type Value } from '../ir/graph.js';
import { expand, gather, reshape } from '../ir/shape.js';
import { optimize } from '../passes/optimize.js';
import { carriedOn, dialect, type Recording, SHARED } from './record-steps.js';

/**
 * The steps of an iteration that differ in numbers alone are one kind: a graph that reads these
 * numbers from a table, at the row of the step.
 */
interface Kinds {
  /**
   * Inputs of each: the step's index (int64, no axes), what is carried, the further inputs, the draws.
   * Outputs: what is carried on, and of form 'step' the results of the step.
   */
  readonly computations: readonly Computation[];
  /** The kind of each step. */
  readonly kindOf: readonly number[];
  /** Draws of all steps, and of the step that has most. */
  readonly draws: { readonly total: number; readonly most: number };
}

interface KindsRequest {
  readonly recordings: readonly Recording[];
  /** Types of what is carried; the state comes first. */
  readonly carried: readonly LeafType[];
  /** Types of the further inputs, in the order of their names. */
  readonly inputs: readonly LeafType[];
  readonly shared: Computation;
  /**
   * For a loop the draws of all steps come as one array and only what is carried is wanted; for a step
   * its own draws, and its results too.
   */
  readonly form: 'loop' | 'step';
}

/** A graph that calls the network more often than this for one step is of no use. */
const MOST_CALLS = 16;

/** @throws TweedieError UNSUPPORTED when a step calls the shared function too often */
export function sortIntoKinds(request: KindsRequest): Kinds {
  const { recordings } = request;
  const kinds: Steps[] = [];
  const kindOf = recordings.map((recording, index) => {
    const plan = planOf(recording, request);
    const kind = kinds.findIndex(({ plans }) => isAlike(plans[0]!, plan));
    if (kind < 0) return kinds.push({ indices: [index], plans: [plan] }) - 1;
    kinds[kind]!.indices.push(index);
    kinds[kind]!.plans.push(plan);
    return kind;
  });
  const counts = recordings.map(({ draws }) => draws);
  const draws = { total: counts.reduce((a, b) => a + b, 0), most: Math.max(0, ...counts) };
  return { computations: kinds.map((kind) => computationOf(kind, request, draws)), kindOf, draws };
}

interface Steps {
  readonly indices: number[];
  readonly plans: Plan[];
}

/** A recording as a list of nodes whose inputs say by place where they come from. */
interface Plan {
  readonly recording: Recording;
  readonly nodes: ReturnType<typeof nodesBehind>;
  /** The results that are wanted. */
  readonly outputs: readonly Value[];
  /** A line for each node and for the results; equal lines are equal but for numbers. */
  readonly lines: readonly string[];
  /** The constants, in the order in which they are met. */
  readonly constants: readonly Value[];
}

function planOf(recording: Recording, { inputs: further, form }: KindsRequest): Plan {
  const { carried } = recording;
  const outputs = form === 'loop' ? carriedOn(recording) : recording.outputs;
  const nodes = nodesBehind(recording.graph, outputs);
  const places = new Map<Value, string>();
  nodes.forEach((node, i) => {
    node.outputs.forEach((value, k) => {
      places.set(value, `node ${i}.${k}`);
    });
  });
  const constants: Value[] = [];
  const placeOf = (value: Value | null): string => {
    if (value === null) return 'none';
    if (value.source.kind === 'input') {
      return placeOfInput(value.source.index, carried.taken, further.length);
    }
    if (value.source.kind === 'node') return places.get(value)!;
    constants.push(value);
    return `constant ${value.type}[${value.shape}]`;
  };
  const lines = nodes.map(
    ({ operator, domain, inputs, attributes, outputs: made }) =>
      `${domain}.${operator}(${inputs.map(placeOf)})${JSON.stringify(attributes)}${made.map(({ type, shape }) => `${type}[${shape}]`)}`,
  );
  const results = outputs.map(placeOf);
  lines.push(`carries on ${carried.returned} of ${results} after ${recording.draws} draws`);
  return { recording, nodes, outputs, lines, constants };
}

/** By role: a step that is given more than it uses is like one that is given less. */
function placeOfInput(index: number, carried: number, further: number): string {
  if (index < carried) return `carried ${index}`;
  const place = index - carried;
  return place < further ? `input ${place}` : `draw ${place - further}`;
}

/** Numbers are single elements of float32: what a step computes with, never a shape or an axis. */
const isNumber = ({ type, shape }: Value) => type === 'float32' && shape.every((n) => n === 1);

function isAlike(a: Plan, b: Plan): boolean {
  return (
    a.lines.length === b.lines.length &&
    a.lines.every((line, i) => line === b.lines[i]) &&
    a.constants.every((value, i) => isNumber(value) || sameConstant(value, b.constants[i]!))
  );
}

function sameConstant({ source: a }: Value, { source: b }: Value): boolean {
  return a.kind === 'constant' && b.kind === 'constant' && sameBits(a.data, b.data);
}

function computationOf(steps: Steps, request: KindsRequest, draws: Kinds['draws']): Computation {
  const graph = createGraph(dialect);
  const index = graph.input('int64', []);
  const input = ({ type, shape }: LeafType) => graph.input(type, shape);
  const carried = request.carried.map(input);
  const further = request.inputs.map(input);
  const { recording, nodes, outputs: wanted, constants } = steps.plans[0]!;
  const drawn = drawsOf(graph, index, request, draws, recording.draws);
  const given = [...carried.slice(0, recording.carried.taken), ...further, ...drawn];

  let met = 0;
  const known = new Map<Value, Value>();
  const moved = (value: Value | null): Value | null => {
    if (value === null) return null;
    if (value.source.kind === 'input') return given[value.source.index]!;
    if (value.source.kind === 'node') return known.get(value)!;
    const place = met++;
    const all = steps.plans.map((plan) => plan.constants[place]!);
    const { type, shape, source } = constants[place]!;
    if (source.kind !== 'constant') throw new Error('a constant is no constant');
    if (all.every((other) => sameConstant(value, other))) {
      return graph.constant(type, source.data, shape);
    }
    const column = new Float32Array(request.recordings.length);
    all.forEach((other, i) => {
      column[steps.indices[i]!] = scalarOf(other)!;
    });
    const table = graph.constant('float32', column, [column.length]);
    return reshape(gather(table, index, 0), shape);
  };
  let calls = 0;
  for (const node of nodes) {
    const operands = node.inputs.map(moved);
    if (node.operator === SHARED) {
      if (++calls > MOST_CALLS) throw tooManyCalls(steps.indices[0]!);
      known.set(node.outputs[0]!, copyInto(graph, request.shared, operands as Value[])[0]!);
      continue;
    }
    const made = graph.emit(node.operator, operands, node.outputs, node.attributes, node.domain);
    node.outputs.forEach((value, i) => {
      known.set(value, made[i]!);
    });
  }
  const outputs = wanted.map((value) => moved(value)!);
  const { returned } = recording.carried;
  const missing = request.carried
    .slice(returned)
    .map(({ type, shape }) => expand(scalar(graph, type, 0), shape));
  return optimize({
    graph,
    outputs: [...outputs.slice(0, returned), ...missing, ...outputs.slice(returned)],
  });
}

/** The draws of a step, out of those of all steps or its own. */
function drawsOf(
  graph: Graph,
  index: Value,
  { carried, recordings, form }: KindsRequest,
  { total, most }: Kinds['draws'],
  count: number,
): Value[] {
  if (total === 0) return [];
  const stateShape = carried[0]!.shape;
  const numbers = Array.from({ length: count }, (_, i) => i);
  if (form === 'step') {
    if (most === 1) return [graph.input('float32', stateShape)].slice(0, count);
    const draws = graph.input('float32', [most, ...stateShape]);
    return numbers.map((i) => gather(draws, scalar(graph, 'int64', i), 0));
  }
  const draws = graph.input('float32', [total, ...stateShape]);
  let begun = 0;
  const starts = BigInt64Array.from(recordings, (recording) => {
    const start = begun;
    begun += recording.draws;
    return BigInt(start);
  });
  const start = gather(graph.constant('int64', starts, [starts.length]), index, 0);
  return numbers.map((i) => gather(draws, add(start, i), 0));
}

function tooManyCalls(index: number): TweedieError {
  return new TweedieError({
    code: 'UNSUPPORTED',
    package: 'backend-onnx',
    given: `step ${index} of an iteration calls its shared function more than ${MOST_CALLS} times`,
    allowed: `at most ${MOST_CALLS} calls a step, as each is written out in the model`,
    fix: 'make more and smaller steps of it',
  });
}
