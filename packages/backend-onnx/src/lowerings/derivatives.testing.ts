import { add, mul, square, sum, type Tensor } from '@tensorflow/tfjs-core';
import { valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import { agreement } from '../agreement.testing.js';

/**
 * For tests: the greatest difference between compiled and eager over a function's value, its
 * gradients and the gradients of a slope.
 */
export async function differenceToSecondOrder(
  fn: (...inputs: Tensor[]) => Tensor,
  ...inputs: Tensor[]
): Promise<number> {
  const names = inputs.map((_, i) => `${i}`);
  const listed = (params: Params) => names.map((name) => params[name]!);
  const inner = valueAndGrad((params: Params) => sum(square(fn(...listed(params)))));
  const slopes = (params: Params) => listed(inner(params).grads);
  const outer = valueAndGrad((params: Params) =>
    slopes(params)
      .map((slope, i) => sum(square(mul(slope, params[names[i]!]!))))
      .reduce((a, b) => add(a, b)),
  );
  const all = (...at: Tensor[]) => {
    const params = Object.fromEntries(at.map((x, i) => [`${i}`, x]));
    return [fn(...at), ...slopes(params), ...listed(outer(params).grads)];
  };
  return (await agreement(all, ...inputs)).difference;
}
