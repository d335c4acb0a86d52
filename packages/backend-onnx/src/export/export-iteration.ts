// The backend on which closed-over tensors live by default.
import '@tensorflow/tfjs-backend-cpu';
import '@tweedie/autodiff';
import type { Tensor } from '@tensorflow/tfjs-core';
import { flattenTree, TweedieError } from '@tweedie/core';
import type { Computation } from '../ir/computation.js';
import type { LeafType } from '../ir/element-type.js';
import type { Value } from '../ir/graph.js';
import { encodeIteration, encodeIterationStep } from '../onnx/encode-iteration.js';
import type { ModelNotes } from '../onnx/encode-model.js';
import { traceFunction } from '../trace/trace-function.js';
import {
  carriedOn,
  dialect,
  type Recording,
  recordSteps,
  type StepFunction,
} from './record-steps.js';
import { sortIntoKinds } from './step-kinds.js';

/**
 * What is done again and again to a state: steps of one network, say, of which each has its own
 * numbers. Arrays that a step draws (noise) become an input of the model. A step may return more for
 * the next than the state (multistep methods their history), and none needs to be there at the start.
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
   */
  readonly step: StepFunction;
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
    /** The last state (loop), or the state after the step and the step's outputs in their order. */
    readonly outputs: readonly string[];
    /**
     * What is carried beside the state, slot 1 and further, before and after the step; by default
     * carried_1 and carried_1_next. Form 'step' only: before step 0 these are zeros.
     */
    carried?(slot: number): CarriedNames;
  };
  /** What the start is multiplied by (loop). */
  readonly startScale?: number;
}

interface CarriedNames {
  readonly input: string;
  readonly output: string;
}

const numberedSlot = (slot: number): CarriedNames => ({
  input: `carried_${slot}`,
  output: `carried_${slot}_next`,
});

export interface ExportedIteration {
  readonly model: Uint8Array;
  /** What is carried from step to step: the state, then whatever else any step returns. */
  readonly carried: readonly LeafType[];
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
 * number of steps or names; INVALID_SHAPE for tensors at one place that differ in shape or type
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
  const recordings = await recordSteps({ stateShape, inputs, sharedResult, step }, steps);
  const carried = slotsOf(recordings, stateShape);
  checkOutputs(recordings);
  const inputNames = Object.keys(inputs).sort();
  const slotNames = carried.slice(1).map((_, i) => (names.carried ?? numberedSlot)(i + 1));
  const { carried: counts, outputs } = recordings[0]!;
  const ofSteps = form === 'step' ? outputs.length - counts.returned : 0;
  checkNames(names, inputNames, slotNames, 1 + ofSteps);
  const { computations, kindOf, draws } = sortIntoKinds({
    recordings,
    carried,
    inputs: inputNames.map((name) => inputs[name]!),
    shared,
    form,
  });
  const [stateName, ...outputNames] = names.outputs;
  const further = [...inputNames, names.draws];
  const graph = { computations, kindOf, carried };
  const model =
    form === 'loop'
      ? encodeIteration(
          graph,
          { inputs: [names.state, ...further], output: stateName! },
          options.startScale ?? 1,
          options,
        )
      : encodeIterationStep(
          graph,
          {
            inputs: [names.index, names.state, ...slotNames.map(({ input }) => input), ...further],
            outputs: [stateName!, ...slotNames.map(({ output }) => output), ...outputNames],
          },
          options,
        );
  return { model, carried, draws, kinds: computations.length };
}

function traceShared({ fn, argumentTypes }: Iteration['shared']): Computation {
  // A list of as many leaves as there are arguments.
  const places = argumentTypes.map(() => ({ dataId: {}, shape: [] }));
  const { structure } = flattenTree(places);
  return traceFunction({ fn, argumentTypes, structure, dialect });
}

/** The types of what is carried, by place. */
function slotsOf(
  recordings: readonly Recording[],
  stateShape: readonly number[],
): readonly LeafType[] {
  const slots: { readonly leaf: LeafType; readonly from: string }[] = [
    { leaf: { type: 'float32', shape: stateShape }, from: 'the iteration has' },
  ];
  recordings.forEach((recording, index) => {
    const returned = carriedOn(recording);
    if (returned.length === 0) throw disagree(`step ${index} returns no state`);
    returned.forEach(({ type, shape }, slot) => {
      const known = slots[slot];
      if (known === undefined) {
        slots.push({ leaf: { type, shape } as LeafType, from: `step ${index} returns` });
      } else if (typeText(known.leaf) !== typeText({ type, shape })) {
        const what = slot === 0 ? 'a state' : `as carried[${slot}] a tensor`;
        throw disagree(
          `step ${index} returns ${what} of ${typeText({ type, shape })}, where ${known.from} ${typeText(known.leaf)}`,
        );
      }
    });
  });
  return slots.map(({ leaf }) => leaf);
}

function checkOutputs(recordings: readonly Recording[]): void {
  const texts = recordings.map(({ outputs, carried }) =>
    outputs.slice(carried.returned).map(typeText).join(', '),
  );
  const other = texts.findIndex((text) => text !== texts[0]);
  if (other < 0) return;
  throw disagree(
    `steps 0 and ${other} have outputs '${texts[0]}' and '${texts[other]}', which are not alike`,
  );
}

const typeText = ({ type, shape }: Pick<Value, 'type' | 'shape'>) => `${type}[${shape}]`;

const disagree = (given: string) =>
  new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'backend-onnx',
    given: `in an iteration ${given}`,
    allowed:
      'as carried the next state first, and the same shape and type at each place of each step',
  });

function checkNames(
  { state, draws, index, outputs }: IterationOptions['names'],
  inputs: readonly string[],
  slots: readonly CarriedNames[],
  results: number,
): void {
  if (outputs.length !== results) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'backend-onnx',
      given: `the names of outputs are ${outputs.join(', ')}`,
      allowed: `${results}: of the last state (loop), or of the next state and each output (step)`,
    });
  }
  const ofSlots = slots.flatMap(({ input, output }) => [input, output]);
  const names = [state, draws, index, ...inputs, ...ofSlots, ...outputs];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'backend-onnx',
    given: `two inputs or outputs are called '${twice}'`,
    allowed: 'different names',
  });
}
