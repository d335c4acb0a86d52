import { engine, mul, type Scalar, sum, type Tensor, tidy, zerosLike } from '@tensorflow/tfjs-core';
import { type Params, TweedieError } from '@tweedie/core';

/**
 * The value of a scalar function and its gradient with respect to each named parameter.
 *
 * Pure and traceable; nests, so that a loss may contain derivatives itself. A parameter that the
 * value does not depend on gets zeros. The results are the caller's to dispose.
 *
 * @param fn (params, ...rest) ↦ scalar
 * @throws TweedieError INVALID_SHAPE when fn's value is not a scalar
 */
export function valueAndGrad<Rest extends unknown[]>(
  fn: (params: Params, ...rest: Rest) => Tensor,
): (params: Params, ...rest: Rest) => { value: Scalar; grads: Params } {
  return (params, ...rest) => {
    const names = Object.keys(params);
    const leaves = names.map((name) => params[name]!);
    return tidy(() => {
      const { value, grads } = engine().gradients(
        () => checkedScalar(fn(params, ...rest)),
        leaves,
        undefined,
        true,
      );
      const named = names.map((name, i) => [name, grads[i] ?? zerosLike(leaves[i]!)] as const);
      return { value: value as Scalar, grads: Object.fromEntries(named) };
    });
  };
}

/**
 * Vector–Jacobian product vᵀ ∂f/∂x: the gradient of ⟨v, f(x)⟩.
 *
 * @param v of f(x)'s shape
 * @returns of x's shape; zeros when f does not depend on x
 */
export function vjp(
  f: (x: Tensor) => Tensor,
  x: Tensor,
  v: Tensor,
): { value: Tensor; product: Tensor } {
  return tidy(() => {
    const { value, grads } = engine().gradients(() => f(x), [x], v, true);
    return { value, product: grads[0] ?? zerosLike(x) };
  });
}

/**
 * Jacobian–vector product (∂f/∂x) u, as the derivative of a vector–Jacobian product, which is linear
 * in its vector.
 *
 * @param u of x's shape
 * @returns of f(x)'s shape
 */
export function jvp(
  f: (x: Tensor) => Tensor,
  x: Tensor,
  u: Tensor,
): { value: Tensor; product: Tensor } {
  return tidy(() => {
    const value = f(x);
    const product = (v: Tensor) => sum(mul(vjp(f, x, v).product, u));
    const at = zerosLike(value);
    const { grads } = engine().gradients(() => product(at), [at], undefined, true);
    return { value, product: grads[0] ?? zerosLike(value) };
  });
}

function checkedScalar(value: Tensor): Tensor {
  if (value.size === 1) return value;
  throw new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'autodiff',
    given: `the function to differentiate has a value of shape [${value.shape.join(', ')}]`,
    allowed: 'a scalar',
    fix: 'sum or average it',
  });
}
