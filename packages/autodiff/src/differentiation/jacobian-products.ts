import { clone, mul, sum, type Tensor, tidy, zeros } from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { gradientsOf } from '../tape/gradients-of.js';
import { keepGradients } from './register.js';

/** A function's value and a product with its Jacobian; both are the caller's to dispose. */
export interface JacobianProduct {
  readonly value: Tensor;
  readonly product: Tensor;
}

/**
 * Vector–Jacobian product vᵀ ∂f/∂x, the gradient of ⟨v, f(x)⟩: one forward and one backward pass.
 * Pure, traceable and nestable.
 *
 * @param v of f(x)'s shape
 * @returns f(x), and a product of x's shape, zero when f does not depend on x
 * @throws TweedieError INVALID_SHAPE
 */
export function vjp(f: (x: Tensor) => Tensor, x: Tensor, v: Tensor): JacobianProduct {
  keepGradients();
  return tidy(() => {
    const { value, grads } = gradientsOf(
      () => {
        const y = clone(f(x));
        requireShape('v', v, y.shape, 'f(x)');
        return y;
      },
      [x],
      v,
    );
    return { value, product: grads[0]! };
  });
}

/**
 * Jacobian–vector product (∂f/∂x) u. vᵀ ∂f/∂x is linear in v, so its own derivative in the
 * direction u is (∂f/∂x) u, wherever v is; two forward and two backward passes.
 * Pure, traceable and nestable.
 *
 * @param u of x's shape
 * @returns f(x), and a product of f(x)'s shape, zero when f does not depend on x
 * @throws TweedieError INVALID_SHAPE
 */
export function jvp(f: (x: Tensor) => Tensor, x: Tensor, u: Tensor): JacobianProduct {
  keepGradients();
  requireShape('u', u, x.shape, 'x');
  return tidy(() => {
    const value = clone(f(x));
    const v = zeros(value.shape);
    const { grads } = gradientsOf(() => sum(mul(vjp(f, x, v).product, u)), [v]);
    return { value, product: grads[0]! };
  });
}

function requireShape(name: string, given: Tensor, shape: readonly number[], of: string): void {
  if (given.shape.join() === shape.join()) return;
  throw new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'autodiff',
    given: `${name} has the shape [${given.shape.join(', ')}]`,
    allowed: `[${shape.join(', ')}], the shape of ${of}`,
  });
}
