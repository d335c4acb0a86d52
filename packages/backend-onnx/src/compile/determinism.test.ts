import '@tensorflow/tfjs-backend-cpu';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { conv2d, groupNorm, valueAndGrad } from '@tweedie/autodiff';
import { flattenTree, type Params, type PureFunction } from '@tweedie/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { normal } from '../agreement.testing.js';
import { onnxBackend } from '../backend.js';

beforeAll(() => tf.setBackend('cpu'));

const same = { padding: 1 };
const network = valueAndGrad((p: Params, x: Tensor) => {
  const h = groupNorm(conv2d(x, p.first!, p.bias!, same), p.scale!, p.bias!, {
    groups: 4,
    activation: 'silu',
  });
  return tf.mean(tf.square(conv2d(conv2d(h, p.middle!, p.bias!, same), p.last!, undefined, same)));
});
const convolutions = {
  name: 'a convolutional network',
  fn: network,
  args: () => [
    {
      first: normal(32, 3, 3, 3),
      middle: normal(32, 32, 3, 3),
      last: normal(3, 32, 3, 3),
      bias: normal(32),
      scale: normal(32),
    },
    normal(16, 12, 12, 3),
  ],
};

const perceptron = {
  name: 'an MLP',
  fn: valueAndGrad(({ a, b }: Params, x: Tensor) =>
    tf.mean(tf.square(tf.matMul(tf.sigmoid(tf.matMul(x, a!)), b!))),
  ),
  args: () => [{ a: normal(48, 96), b: normal(96, 8) }, normal(300, 48)],
};

type Numbers = readonly Float32Array[];

/** Value and gradients of several runs of one program. */
async function results(
  fn: PureFunction,
  args: unknown[],
  options: Parameters<typeof onnxBackend>[0],
  count: number,
): Promise<Numbers[]> {
  const backend = onnxBackend(options);
  const run = backend.compile(fn);
  const runs: Numbers[] = [];
  for (let i = 0; i < count; i++) {
    const { leaves } = flattenTree(await run(...args));
    runs.push(leaves.map((leaf: Tensor) => leaf.dataSync<'float32'>()));
    tf.dispose(leaves as Tensor[]);
  }
  await backend.dispose();
  return runs;
}

/** The greatest difference of a tensor, over its root mean square. */
function difference(a: Numbers, b: Numbers): number {
  return Math.max(
    ...a.map((values, i) => {
      const scale = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
      return values.reduce((worst, x, j) => Math.max(worst, Math.abs(x - b[i]![j]!)), 0) / scale;
    }),
  );
}

describe.each(['auto', 'standard'] as const)('in the layout %s', (layout) => {
  describe.each([convolutions, perceptron])('$name', ({ fn, args }) => {
    it('gives the same bits in each run, in each program and in either thread', async () => {
      const given = args();
      const options = { threads: 2, layout } as const;
      const [reference, ...others] = [
        ...(await results(fn as PureFunction, given, { ...options, worker: 'never' }, 4)),
        ...(await results(fn as PureFunction, given, { ...options, worker: 'always' }, 2)),
      ];
      for (const other of others) expect(other).toEqual(reference);
    });

    it('gives the same with one, two and three threads, up to rounding', async () => {
      const given = args();
      const of = async (threads: number) =>
        (await results(fn as PureFunction, given, { threads, layout }, 1))[0]!;
      const [one, two, three] = [await of(1), await of(2), await of(3)];
      // Sums of some thousand products in another order, each to 6e-8.
      expect(difference(one, two)).toBeLessThan(1e-5);
      expect(difference(one, three)).toBeLessThan(1e-5);
      expect(
        difference(
          one,
          one.map((values) => values.map((x) => x * 1.0001)),
        ),
      ).toBeGreaterThan(1e-5);
    });
  });
});
