import { Tensor } from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import type { RepeatChanges, StepOperations, StepPlace, StepResult, StepRule } from './step.js';
import { memoryTensors, resultTensors } from './step-memory.js';

/** A step that was made, and the tensors that it leaves to whoever asked for it. */
export interface MadeStep<Memory> {
  readonly result: StepResult<Memory>;
  /** All tensors of the result but those that the step was given: to be disposed by the caller. */
  readonly owned: ReadonlySet<Tensor>;
}

/**
 * Makes one step by its rule. Everything but the operations themselves is here, once for tensors and
 * for recorders: temporary tensors, rules within rules, memory and who owns what.
 *
 * @param id the sampler's name, for errors
 * @throws what the rule and the operations throw; nothing is left then
 */
export async function interpretStep<Memory>(
  id: string,
  rule: StepRule<Memory>,
  place: StepPlace<Memory>,
  operations: StepOperations,
): Promise<MadeStep<Memory>> {
  const temporaries = new Set<Tensor>();
  const temporary = <Own extends Tensor>(tensor: Own): Own => {
    temporaries.add(tensor);
    return tensor;
  };
  const given = new Set([place.x, ...memoryTensors(place.memory)]);
  let owned = new Set<Tensor>();
  try {
    const result = await rule({
      ...place,
      temporary,
      denoise: async (x, level) => temporary(await operations.denoise(x, level)),
      noise: () => temporary(operations.noise()),
      uniform: () => temporary(operations.uniform()),
      levelAt: operations.levelAt,
      async repeat(inner, changes) {
        const made = await repeatStep(id, inner, place, operations, changes);
        made.owned.forEach(temporary);
        return made.result;
      },
    });
    owned = new Set(resultTensors(result).filter((tensor) => !given.has(tensor)));
    try {
      checkResult(id, result, place);
    } catch (error) {
      for (const tensor of owned) tensor.dispose();
      throw error;
    }
    return { result, owned };
  } finally {
    for (const tensor of temporaries) if (!owned.has(tensor)) tensor.dispose();
  }
}

/** @throws TweedieError INVALID_VALUE, INVALID_SHAPE where a rule returned something else than a step's result */
function checkResult(id: string, result: StepResult, { x, index }: StepPlace): void {
  for (const name of ['x', 'denoised'] as const) {
    const tensor: unknown = result?.[name];
    const subject = `the rule of sampler '${id}' returned`;
    if (!(tensor instanceof Tensor)) {
      throw new TweedieError({
        code: 'INVALID_VALUE',
        package: 'samplers',
        given: `${subject} no tensor ${name} at step ${index}`,
        allowed: '{ x, denoised }: the state at `to`, and the estimate of the data',
      });
    }
    if (tensor.shape.join() === x.shape.join()) continue;
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'samplers',
      given: `${subject} ${name} of the shape [${tensor.shape.join(', ')}] at step ${index}`,
      allowed: `the shape of the state, [${x.shape.join(', ')}]`,
    });
  }
}

async function repeatStep<Memory>(
  id: string,
  rule: StepRule<Memory>,
  { index, grid, ...outer }: StepPlace,
  operations: StepOperations,
  { times = 1, from = outer.from, to = outer.to, x, memory }: RepeatChanges<Memory> = {},
): Promise<MadeStep<Memory>> {
  if (!Number.isInteger(times) || times < 1) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'samplers',
      given: `${id}: a part of a step is made ${times} times`,
      allowed: 'a whole number of at least 1',
    });
  }
  const held = new HeldTensors();
  let state: Pick<StepPlace<Memory>, 'x' | 'memory'> = { x: x ?? outer.x, memory };
  for (let round = 1; ; round++) {
    try {
      const place = { index, grid, from, to, ...state };
      const made = await interpretStep(id, rule, place, operations);
      held.replaceBy(made);
      if (round === times) return { result: made.result, owned: held.tensors };
      state = { x: made.result.x, memory: made.result.memory };
    } catch (error) {
      held.release();
      throw error;
    }
  }
}

/** The tensors that a sequence of steps holds: those of its last result. */
export class HeldTensors {
  tensors = new Set<Tensor>();

  /** Takes over what a step made, and disposes what of earlier steps is no part of its result. */
  replaceBy({ result, owned }: MadeStep<unknown>): void {
    const kept = new Set(resultTensors(result));
    for (const tensor of this.tensors) if (!kept.has(tensor)) tensor.dispose();
    this.tensors = new Set(
      [...kept].filter((tensor) => owned.has(tensor) || this.tensors.has(tensor)),
    );
  }

  release(): void {
    for (const tensor of this.tensors) tensor.dispose();
    this.tensors.clear();
  }
}
