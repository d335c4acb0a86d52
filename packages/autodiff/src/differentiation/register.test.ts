import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { elementwiseGradients } from '../gradients/elementwise.js';
import { jvp, registerGradients, silu, valueAndGrad, vjp } from '../index.js';

/** As '@tensorflow/tfjs' does: other gradients under the same names, that of sigmoid from its output. */
function registerLikeTfjs(): void {
  for (const config of elementwiseGradients) tf.registerGradient({ ...config });
  tf.registerGradient({
    kernelName: 'Sigmoid',
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => tf.mul(dy as tf.Tensor, tf.mul(y!, tf.sub(1, y!))) }),
  });
}

const s = 1 / (1 + Math.exp(-0.7));
const second = s * (1 - s) * (2 + 0.7 * (1 - 2 * s));
const secondBy = (derivative: (f: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor) => tf.Tensor) =>
  tf.tidy(() => derivative(derivative(silu))(tf.scalar(0.7)).dataSync()[0]!);

describe('the registered gradients', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    registerGradients();
  });

  it('serve tf.grad', () => {
    expect(secondBy((f) => tf.grad(f))).toBeCloseTo(second, 5);
  });

  it('take the place of those of tfjs, which are wrong to second order, as often as asked', () => {
    registerLikeTfjs();
    expect(Math.abs(secondBy((f) => tf.grad(f)) - second)).toBeGreaterThan(0.04);
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    tf.env().set('DEBUG', true);
    registerGradients();
    registerGradients();
    tf.env().set('DEBUG', false);
    expect(warned.mock.calls.flat().join()).not.toMatch(/Overriding the gradient/);
    expect(secondBy((f) => tf.grad(f))).toBeCloseTo(second, 5);
  });

  it.each([
    [
      'valueAndGrad',
      (f: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor) =>
        valueAndGrad((p) => f(p.x!))({ x }).grads.x!,
    ],
    ['vjp', (f: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor) => vjp(f, x, tf.scalar(1)).product],
    ['jvp', (f: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor) => jvp(f, x, tf.scalar(1)).product],
  ])('are put back by %s when tfjs has put its own in place', (_name, derivative) => {
    registerLikeTfjs();
    expect(secondBy(derivative)).toBeCloseTo(second, 5);
  });
});
