import { engine, setBackend, type Tensor } from '@tensorflow/tfjs-core';
import type { Computation } from '../ir/computation.js';
import type { LeafType } from '../ir/element-type.js';
import { createGraph, type Value } from '../ir/graph.js';
import { sameComputation } from '../ir/same-computation.js';
import { rowMajor, symbolic } from '../tensors/symbolic-tensor.js';
import { impure } from '../trace/impure.js';
import { traceBackend } from '../trace/register.js';
import { explain } from '../trace/trace.js';

/** The operator that stands in a recording for a call of the shared function. */
export const SHARED = 'tweedie.shared';

/** What a step of an iteration may use while it is recorded. */
export interface IterationStep {
  /** 0 … steps − 1 */
  readonly index: number;
  /** The state, then what the step before returned beside it: nothing at step 0. */
  readonly carried: readonly Tensor[];
  /** The iteration's further inputs, the same at every step. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** The next array of the sequence `draws`, of the state's shape. */
  draw(): Tensor;
  /** Calls the function that all steps share. */
  shared(...args: readonly Tensor[]): Tensor;
}

/** What a step of an iteration gives. */
export interface StepResults {
  /**
   * The next state, and whatever else the next step needs. Steps may return different numbers of
   * tensors here (a multistep method at its start); what two steps return at the same place has the
   * same type and shape.
   */
  readonly carried: readonly Tensor[];
  /** Further results of the step, alike at every step. */
  readonly outputs: readonly Tensor[];
}

/** A step as tensor operations on what it is given. */
export type StepFunction = (step: IterationStep) => Promise<StepResults> | StepResults;

interface RecordingRequest {
  readonly stateShape: readonly number[];
  readonly inputs: Readonly<Record<string, LeafType>>;
  /** What the shared function gives. */
  readonly sharedResult: LeafType;
  readonly step: StepFunction;
}

/**
 * A step as a graph, whose inputs are what is carried, the further inputs in the order of their names
 * and the draws, whose outputs are what is carried on and the results of the step, and in which SHARED
 * stands for the shared function.
 */
export interface Recording extends Computation {
  /** How many of the inputs, and how many of the outputs, are carried; the state comes first. */
  readonly carried: { readonly taken: number; readonly returned: number };
  readonly draws: number;
}

export const dialect = { operators: 'standard', blockSize: 0 } as const;

/** More turns of the queue of promises than any step takes that awaits tensors only. */
const MOST_TURNS = 100_000;

/** What a recording returns to the next step, of which slot 0 is the state. */
export const carriedOn = ({ outputs, carried }: Recording): readonly Value[] =>
  outputs.slice(0, carried.returned);

/**
 * Records every step, each on what the step before carries on. Steps may be asynchronous as far as
 * promises go that are settled without waiting; nothing else runs meanwhile but what waits for such
 * promises too.
 *
 * @throws TweedieError IMPURE_FUNCTION when one reads values, waits, or does something else the
 * second time; UNSUPPORTED for a tfjs kernel with no lowering
 */
export async function recordSteps(
  request: RecordingRequest,
  count: number,
): Promise<readonly Recording[]> {
  let carried: readonly LeafType[] = [{ type: 'float32', shape: request.stateShape }];
  const recordings: Recording[] = [];
  for (let index = 0; index < count; index++) {
    const recording = await recordStep(request, index, carried);
    recordings.push(recording);
    carried = carriedOn(recording).map(({ type, shape }) => ({ type, shape }) as LeafType);
  }
  return recordings;
}

async function recordStep(
  request: RecordingRequest,
  index: number,
  carried: readonly LeafType[],
): Promise<Recording> {
  const recording = await record(request, index, carried);
  const again = await record(request, index, carried);
  const isSame =
    recording.carried.returned === again.carried.returned &&
    sameComputation(recording.outputs, again.outputs);
  if (!isSame) {
    throw impure({
      given: `step ${index} of an iteration is not the same when it is traced twice`,
      fix: 'take random numbers from draw()',
    });
  }
  return recording;
}

async function record(
  request: RecordingRequest,
  index: number,
  carried: readonly LeafType[],
): Promise<Recording> {
  const { stateShape, inputs, sharedResult, step } = request;
  const backend = traceBackend();
  const graph = createGraph(dialect);
  const placeholder = (type: LeafType) =>
    backend.tensorOf(symbolic(graph.input(type.type, type.shape)));
  const activeBackend = engine().backendName ?? 'cpu';
  backend.begin(graph);
  void setBackend(backend.name);
  engine().startScope('iteration');
  let draws = 0;
  try {
    const given = carried.map(placeholder);
    const names = Object.keys(inputs).sort();
    const further = Object.fromEntries(names.map((name) => [name, placeholder(inputs[name]!)]));
    const result = step({
      index,
      carried: given,
      inputs: further,
      draw() {
        draws++;
        return placeholder({ type: 'float32', shape: stateShape });
      },
      shared(...args) {
        const values = args.map((tensor): Value => rowMajor(backend.symbolOf(tensor)));
        const { type, shape } = sharedResult;
        return backend.tensorOf(symbolic(graph.emit(SHARED, values, [{ type, shape }])[0]!, shape));
      },
    });
    const results = await settled(Promise.resolve(result), index, () =>
      backend.checkNothingWasRefused(),
    );
    const outputs = [...results.carried, ...results.outputs].map((tensor) =>
      rowMajor(backend.symbolOf(tensor)),
    );
    const counts = { taken: given.length, returned: results.carried.length };
    return { graph, outputs, carried: counts, draws };
  } catch (error) {
    throw explain(error);
  } finally {
    engine().endScope();
    backend.end();
    void setBackend(activeBackend);
  }
}

/**
 * Awaits what is settled by the queue of promises alone. A read of a tensor is refused by a promise
 * that never settles, so that `check` is asked at each turn.
 */
async function settled<T>(work: Promise<T>, index: number, check: () => void): Promise<T> {
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
  work.then(
    (value) => {
      outcome = { value };
    },
    (error: unknown) => {
      outcome = { error };
    },
  );
  for (let turn = 0; outcome === undefined; turn++) {
    check();
    if (turn === MOST_TURNS) {
      throw impure({
        given: `step ${index} of an iteration waits for something that is no tensor`,
        fix: 'await what has to be waited for before',
      });
    }
    await null;
  }
  if ('error' in outcome) throw outcome.error;
  check();
  return outcome.value;
}
