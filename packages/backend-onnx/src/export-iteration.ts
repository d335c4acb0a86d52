// The backend on which closed-over tensors live by default.
import '@tensorflow/tfjs-backend-cpu';
import '@tweedie/autodiff';
import type { Tensor } from '@tensorflow/tfjs-core';
import { flattenTree, TweedieError } from '@tweedie/core';
import { sortIntoKinds } from './export-kinds.js';
import { dialect, type IterationStep, recordStep } from './export-recording.js';
import type { ModelNotes } from './model/encode.js';
import { encodeIteration, encodeIterationStep } from './model/encode-iteration.js';
import type { Computation } from './passes/rewrite.js';
import { type LeafType, trace } from './trace/trace.js';

/**
 * What is done again and again to a state: steps of one network, say, of which each has its own
 * numbers. Arrays that a step draws (noise) become an input of the model.
 */
export interface Iteration {
  readonly steps: number;
  readonly stateShape: readonly number[];
  /** Further inputs, the same at every step. */
  readonly inputs?: Readonly<Record<string, LeafType>>;
  /** The function that costs: traced once, whatever the number of steps. */
  readonly shared: {
    readonly fn: (...args: never[]) => Tensor;
    readonly argumentTypes: readonly LeafType[];
  };
  /**
   * Step `index`, as tensor operations on what it is given. May await promises that are settled
   * without waiting, as an async function's are.
   *
   * @returns the next state, and further results of the step
   */
  step(step: IterationStep): Promise<readonly Tensor[]> | readonly Tensor[];
}

export interface IterationOptions extends ModelNotes {
  /** 'loop' for the whole iteration in one model, 'step' for one step, whose index is an input. */
  readonly form: 'loop' | 'step';
  readonly names: {
    /** The state at the start (loop) or before the step. */
    readonly state: string;
    readonly draws: string;
    /** The index of the step, 0 … steps − 1; an int64 without axes. Form 'step' only. */
    readonly index: string;
    /** The last state (loop), or what a step gives in its order. */
    readonly outputs: readonly string[];
  };
  /** What the start is multiplied by (loop). */
  readonly startScale?: number;
}

export interface ExportedIteration {
  readonly model: Uint8Array;
  /** How many arrays of the state's shape all steps draw, and the step that draws most. */
  readonly draws: { readonly total: number; readonly most: number };
  /** How many kinds of steps there are, which differ in more than numbers. */
  readonly kinds: number;
}

/**
 * An iteration as the bytes of an ONNX model, in operators of the standard alone (opset 18). Every
 * step is recorded; steps that differ in numbers alone share a graph, which finds its numbers in
 * tables by the index of the step, so that size does not grow with the number of steps. The form
 * 'loop' is a `Loop` over them.
 *
 * Nothing that computes with tfjs may run beside it in the same thread as a chain of promises that
 * never waits.
 *
 * @throws TweedieError IMPURE_FUNCTION for a step that reads values or waits; UNSUPPORTED for one
 * that cannot be compiled, or calls the shared function more than 16 times; INVALID_VALUE for a wrong
 * number of steps or names
 */
export async function exportIteration(
  iteration: Iteration,
  options: IterationOptions,
): Promise<ExportedIteration> {
  const { steps, stateShape, inputs = {}, step } = iteration;
  const { form, names } = options;
  if (!Number.isInteger(steps) || steps < 1) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'backend-onnx',
      given: `an iteration has ${steps} steps`,
      allowed: 'a whole number of at least 1',
    });
  }
  const shared = traceShared(iteration.shared);
  const { type, shape } = shared.outputs[0]!;
  const sharedResult = { type, shape } as LeafType;
  const recordings = [];
  for (let index = 0; index < steps; index++) {
    recordings.push(await recordStep({ stateShape, inputs, sharedResult, step }, index));
  }
  const inputNames = Object.keys(inputs).sort();
  const results = form === 'loop' ? 1 : recordings[0]!.outputs.length;
  checkResults(recordings, names.outputs, results);
  checkNames([names.state, names.draws, names.index, ...inputNames, ...names.outputs]);
  const { computations, kindOf, draws } = sortIntoKinds({
    recordings,
    stateShape,
    inputs: inputNames.map((name) => inputs[name]!),
    shared,
    draws: form === 'loop' ? 'all' : 'step',
    results,
  });
  checkState(computations, stateShape);
  const further = [names.state, ...inputNames, names.draws];
  const graph = { computations, kindOf };
  const model =
    form === 'loop'
      ? encodeIteration(
          graph,
          { inputs: further, output: names.outputs[0]! },
          options.startScale ?? 1,
          options,
        )
      : encodeIterationStep(
          graph,
          { inputs: [names.index, ...further], outputs: names.outputs },
          options,
        );
  return { model, draws, kinds: computations.length };
}

function traceShared({ fn, argumentTypes }: Iteration['shared']): Computation {
  // A list of as many leaves as there are arguments.
  const places = argumentTypes.map(() => ({ dataId: {}, shape: [] }));
  const { structure } = flattenTree(places);
  return trace({ fn, argumentTypes, structure, dialect });
}

function checkResults(
  recordings: readonly Computation[],
  names: readonly string[],
  results: number,
): void {
  const types = recordings.map(({ outputs }) =>
    outputs.map(({ type, shape }) => `${type}[${shape}]`).join(', '),
  );
  const other = types.findIndex((all) => all !== types[0]);
  if (types[0] === '' || other > 0) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'backend-onnx',
      given: `steps 0 and ${Math.max(0, other)} of an iteration give '${types[0]}' and '${types[Math.max(0, other)]}'`,
      allowed: 'the next state, and further results that are alike at each step',
    });
  }
  if (names.length === results) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'backend-onnx',
    given: `the names of outputs are ${names.join(', ')}`,
    allowed: `${results}: of the last state (loop), or of each result (step)`,
  });
}

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'backend-onnx',
    given: `two inputs or outputs are called '${twice}'`,
    allowed: 'different names',
  });
}

function checkState(computations: readonly Computation[], stateShape: readonly number[]): void {
  for (const { outputs } of computations) {
    const next = outputs[0]!;
    if (next.type === 'float32' && next.shape.join() === stateShape.join()) continue;
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'backend-onnx',
      given: `a step makes a state of ${next.type}[${next.shape}]`,
      allowed: `float32[${stateShape}], as it was`,
    });
  }
}
