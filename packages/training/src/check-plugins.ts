import { Tensor } from '@tensorflow/tfjs-core';
import { type Draws, type Loss, type Optimizer, sizeOf, TweedieError } from '@tweedie/core';

type Update = ReturnType<Optimizer['update']>;

function refuse(given: string, allowed: string): never {
  throw new TweedieError({ code: 'INVALID_VALUE', package: 'training', given, allowed });
}

/**
 * Checks what a loss has drawn.
 *
 * @throws TweedieError INVALID_VALUE
 */
export function checkDraws({ name }: Pick<Loss, 'name'>, draws: Draws): void {
  const allowed = 'a record of host arrays, { data, shape }; an empty one where nothing is drawn';
  if (typeof draws !== 'object' || draws === null) {
    refuse(`draw of the loss '${name}' returned ${String(draws)}`, allowed);
  }
  for (const [key, array] of Object.entries(draws)) {
    if (ArrayBuffer.isView(array?.data) && array.data.length === sizeOf(array.shape ?? []))
      continue;
    refuse(`draw of the loss '${name}' returned something else as '${key}'`, allowed);
  }
}

/**
 * Checks the numbers of a step of an optimizer.
 *
 * @throws TweedieError INVALID_VALUE
 */
export function checkScalars(
  { name }: Pick<Optimizer, 'name'>,
  scalars: Readonly<Record<string, number>>,
): void {
  const wrong = Object.entries(scalars ?? { all: scalars }).find(
    ([, value]) => typeof value !== 'number' || Number.isNaN(value),
  );
  if (wrong === undefined) return;
  refuse(`scalars of the optimizer '${name}' gave ${wrong[0]} = ${wrong[1]}`, 'numbers by name');
}

/**
 * Checks what an optimizer has made of the parameters, so that a vector that it forgets is told at the
 * first step, and not when a run is to go on.
 *
 * @param shape of the parameters, [P]
 * @throws TweedieError INVALID_VALUE
 */
export function checkUpdate(
  { name, slots }: Pick<Optimizer, 'name' | 'slots'>,
  updated: Update,
  shape: readonly number[],
): void {
  const fits = (value: unknown) => value instanceof Tensor && value.shape.join() === shape.join();
  const vector = `a vector of the parameters' shape, [${shape.join(', ')}]`;
  if (!fits(updated?.params)) {
    refuse(`update of the optimizer '${name}' returned no such vector as params`, vector);
  }
  const given = Object.keys(updated.slots ?? {});
  const missing = slots.find((slot) => !fits(updated.slots?.[slot]));
  if (missing !== undefined) {
    refuse(
      `update of the optimizer '${name}' returned no such vector as its slot '${missing}'`,
      `${vector}, for each of its slots: ${slots.join(', ')}`,
    );
  }
  const unknown = given.find((slot) => !slots.includes(slot));
  if (unknown === undefined) return;
  refuse(
    `update of the optimizer '${name}' returned a slot '${unknown}', which its slots do not name`,
    slots.length === 0 ? 'no slots' : slots.join(', '),
  );
}
