import { type FloatArray, hostArray, type Rng, sizeOf, TweedieError } from '@tweedie/core';

/**
 * A stream whose normal numbers are given, to replay a recorded run: draw k of n numbers is
 * `draw(k, n)`. Anything else that is asked of it is an error.
 */
export function scriptedRng(draw: (k: number, count: number) => Float32Array): Rng {
  let drawn = 0;
  const refuse = (): never => {
    throw new TweedieError({
      code: 'UNSUPPORTED',
      package: 'testing',
      given: 'a scripted stream was asked for more than normal numbers',
      allowed: 'normal(shape)',
    });
  };
  return {
    normal(shape): FloatArray {
      return hostArray(draw(drawn++, sizeOf(shape)), shape);
    },
    uniform: refuse,
    integers: refuse,
    permutation: refuse,
    fork: refuse,
    fromItem: refuse,
    state: refuse,
  };
}
