import {
  avgPool,
  avgPool3d,
  engine,
  maxPool,
  maxPool3d,
  maxPoolWithArgmax,
  mul,
  square,
  sum,
  type Tensor,
  type Tensor4D,
  type Tensor5D,
} from '@tensorflow/tfjs-core';
import { valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreement, normal, whole } from '../agreement.testing.js';

type Pool = (x: Tensor) => Tensor;

/** A value, its gradient, and the gradient of a slope. */
async function expectAgreement(pool: Pool, x: Tensor): Promise<void> {
  const inner = valueAndGrad((p: Params) => sum(square(pool(p.x!))));
  const outer = valueAndGrad((p: Params) => sum(square(mul(inner(p).grads.x!, p.x!))));
  const all = (at: Tensor) => [pool(at), inner({ x: at }).grads.x!, outer({ x: at }).grads.x!];
  // Sums over windows of up to 27 numbers, squared.
  expect((await agreement(all, x)).difference).toBeLessThan(1e-5);
}

const windows = fc.record({
  filter: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  pad: fc.constantFrom('same' as const, 'valid' as const, 0, 1, 2),
  rounding: fc.constantFrom('floor' as const, 'ceil' as const),
  height: fc.integer({ min: 4, max: 7 }),
  width: fc.integer({ min: 4, max: 7 }),
});

describe('pooling of tfjs', () => {
  it.each(['mean', 'max'])('%s, any windows', async (kind) => {
    await fc.assert(
      fc.asyncProperty(windows, async ({ filter, stride, pad, rounding, height, width }) => {
        // tfjs rounds only what explicit padding leaves; a window of padding alone has no mean.
        fc.pre(typeof pad !== 'number' || (pad < filter && (rounding === 'floor' || pad === 0)));
        const mode = typeof pad === 'number' ? rounding : undefined;
        const pool: Pool = (x) =>
          (kind === 'mean' ? avgPool : maxPool)(x as Tensor4D, filter, stride, pad, mode);
        await expectAgreement(pool, normal(2, height, width, 3));
      }),
      { numRuns: 12, seed: 3 },
    );
  });

  it.each([
    [2, 2, 'valid'],
    [3, 2, 'same'],
    [2, 1, 'same'],
  ] as const)('in three dimensions: %i, stride %i, %s', async (filter, stride, pad) => {
    const x = normal(1, 4, 3, 5, 2);
    await expectAgreement((t) => maxPool3d(t as Tensor5D, filter, stride, pad), x);
    await expectAgreement((t) => avgPool3d(t as Tensor5D, filter, stride, pad), x);
  });

  it('with windows that lie in the padding alone', async () => {
    const x = normal(2, 2, 2, 3);
    const largest: Pool = (t) => maxPool(t as Tensor4D, 2, 3, 1, 'ceil');
    const mean: Pool = (t) => avgPool(t as Tensor4D, 2, 3, 1, 'ceil');
    expect((await agreement(largest, x)).difference).toBe(0);
    expect((await agreement(mean, x)).difference).toBeLessThan(1e-6);
  });

  it('of whole numbers', async () => {
    const pool: Pool = (x) => maxPool(x as Tensor4D, 2, 2, 'valid');
    const result = await agreement(pool, whole(-9, 9, 2, 4, 4, 3));
    expect(result).toMatchObject({ difference: 0, types: ['int32'] });
  });

  it('of images without channels, and of none', async () => {
    for (const shape of [
      [2, 4, 4, 0],
      [0, 4, 4, 3],
    ]) {
      for (const pool of [avgPool, maxPool]) {
        const run: Pool = (x) => pool(x as Tensor4D, 2, 2, 'valid');
        await agreement(run, normal(...shape));
      }
    }
  });

  it.each([true, false])('with places, batch counted: %s', async (includeBatch) => {
    const run = (x: Tensor) => {
      const named = maxPoolWithArgmax(x as Tensor4D, 2, 2, 'same', includeBatch);
      return [named.result!, named.indexes!];
    };
    expect((await agreement(run, normal(2, 5, 4, 3))).difference).toBe(0);
  });
});

describe("tfjs's own gradients of max pooling", () => {
  const attributes = { filterSize: 3, strides: 2, pad: 'same' };
  it.each([
    ['MaxPool', [2, 5, 4, 3], [2, 3, 2, 3]],
    ['MaxPool3D', [1, 5, 4, 3, 2], [1, 3, 2, 2, 2]],
  ] as const)('%sGrad', async (kernel, input, output) => {
    const run = (x: Tensor, dy: Tensor) => {
      const y = engine().runKernel(kernel, { x }, attributes) as Tensor;
      return engine().runKernel(`${kernel}Grad`, { dy, input: x, output: y }, attributes) as Tensor;
    };
    expect((await agreement(run, normal(...input), normal(...output))).difference).toBeLessThan(
      1e-6,
    );
  });

  it.each([
    ['AvgPool', [2, 6, 4, 3], [2, 3, 2, 3]],
    ['AvgPool3D', [1, 6, 4, 2, 2], [1, 3, 2, 1, 2]],
  ] as const)('%sGrad', async (kernel, input, output) => {
    // Windows without padding, whose sizes tfjs counts rightly.
    const plain = { filterSize: 2, strides: 2, pad: 'valid' };
    const run = (x: Tensor, dy: Tensor) =>
      engine().runKernel(`${kernel}Grad`, { dy, input: x }, plain) as Tensor;
    expect((await agreement(run, normal(...input), normal(...output))).difference).toBeLessThan(
      1e-6,
    );
  });
});
