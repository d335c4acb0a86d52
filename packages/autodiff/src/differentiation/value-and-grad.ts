import { reshape, type Scalar, Tensor, tidy } from '@tensorflow/tfjs-core';
import { type Params, recordOf, TweedieError } from '@tweedie/core';
import { gradientsOf } from '../tape/gradients-of.js';
import { keepGradients } from './register.js';

/**
 * The value of a scalar function and its gradient with respect to each named parameter.
 *
 * Pure and traceable; nests, so that a loss may contain derivatives itself. A parameter that the
 * value does not depend on gets zeros. The results are the caller's to dispose, also when they
 * equal an input.
 *
 * @param fn (params, ...rest) ↦ scalar, or one element of any rank
 * @throws TweedieError INVALID_SHAPE when fn's value has more than one element
 */
export function valueAndGrad<Rest extends unknown[]>(
  fn: (params: Params, ...rest: Rest) => Tensor,
): (params: Params, ...rest: Rest) => { value: Scalar; grads: Params } {
  return (params, ...rest) => {
    keepGradients();
    const names = Object.keys(params);
    const leaves = names.map((name) => params[name]!);
    const value = () => asScalar(fn(params, ...rest));
    return tidy(() => {
      if (leaves.length === 0) return { value: value(), grads: recordOf() };
      const result = gradientsOf(value, leaves);
      const grads = names.map((name, i) => [name, result.grads[i]!] as const);
      return { value: result.value as Scalar, grads: recordOf(grads) };
    });
  };
}

/** A tensor of its own, even where the function gave back one of its arguments. */
function asScalar(value: Tensor): Scalar {
  if (value instanceof Tensor && value.size === 1) return reshape(value, []);
  throw new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'autodiff',
    given:
      value instanceof Tensor
        ? `the function to differentiate has a value of shape [${value.shape.join(', ')}]`
        : 'the function to differentiate gave no tensor',
    allowed: 'a scalar',
    fix: 'return the sum or the mean',
  });
}
