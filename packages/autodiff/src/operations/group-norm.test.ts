import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng, type FloatArray } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { describeGradients, type GradientCase } from '../finite-differences.testing.js';
import { toTensor } from '../host/transfer.js';
import { valueAndGrad } from '../index.js';
import { silu } from './activation.js';
import { type GroupNormOptions, groupNorm, groupNormGradients } from './group-norm.js';

/** The definition, in float64. */
function naive(
  x: FloatArray,
  scale: FloatArray,
  offset: FloatArray,
  { groups, epsilon = 1e-5, activation = 'none' }: GroupNormOptions,
): Float64Array {
  const items = x.shape[0]!;
  const channels = x.shape[x.shape.length - 1]!;
  const positions = x.data.length / items / channels;
  const size = channels / groups;
  const out = new Float64Array(x.data.length);
  for (let n = 0; n < items; n++) {
    for (let g = 0; g < groups; g++) {
      const places: number[] = [];
      for (let p = 0; p < positions; p++) {
        for (let c = 0; c < size; c++) places.push((n * positions + p) * channels + g * size + c);
      }
      const mean = places.reduce((total, at) => total + x.data[at]!, 0) / places.length;
      const variance =
        places.reduce((total, at) => total + (x.data[at]! - mean) ** 2, 0) / places.length;
      for (const at of places) {
        const normalized = (x.data[at]! - mean) / Math.sqrt(variance + epsilon);
        const own = (factors: FloatArray) =>
          factors.data[(factors.shape.length === 1 ? 0 : n * channels) + (at % channels)]!;
        const y = normalized * own(scale) + own(offset);
        out[at] = activation === 'silu' ? y / (1 + Math.exp(-y)) : y;
      }
    }
  }
  return out;
}

/** The same by plain operations of tfjs, which it differentiates by itself. */
function plain(
  x: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  { groups, epsilon = 1e-5, activation = 'none' }: GroupNormOptions,
): tf.Tensor {
  const channels = x.shape[x.rank - 1]!;
  const parts = tf.reshape(x, [x.shape[0]!, -1, groups, channels / groups]);
  const { mean, variance } = tf.moments(parts, [1, 3], true);
  const normalized = tf.div(tf.sub(parts, mean), tf.sqrt(tf.add(variance, epsilon)));
  const y = tf.add(tf.mul(tf.reshape(normalized, x.shape), scale), offset);
  return activation === 'silu' ? silu(y) : y;
}

const shapes = (x: number[]) => [x, [x[x.length - 1]!], [x[x.length - 1]!]];
const cases: Record<string, GradientCase> = {
  'of images': {
    fn: (x, s, o) => tf.square(groupNorm(x!, s!, o!, { groups: 2 })),
    shapes: shapes([2, 2, 3, 4]),
  },
  'of images, then silu': {
    fn: (x, s, o) => groupNorm(x!, s!, o!, { groups: 2, activation: 'silu' }),
    shapes: shapes([2, 3, 2, 4]),
  },
  'with scales of each item': {
    fn: (x, s, o) => tf.square(groupNorm(x!, s!, o!, { groups: 4 })),
    shapes: [
      [2, 2, 3, 4],
      [2, 4],
      [2, 4],
    ],
  },
  'with scales of each item, then silu': {
    fn: (x, s, o) => groupNorm(x!, s!, o!, { groups: 2, activation: 'silu' }),
    shapes: [
      [2, 3, 4],
      [2, 4],
      [2, 4],
    ],
  },
  'of a shifted image, then silu': {
    fn: (x, s, o, shift) => groupNorm(x!, s!, o!, { groups: 2, activation: 'silu', shift: shift! }),
    shapes: [...shapes([2, 3, 2, 4]), [2, 4]],
  },
  'of a shifted sequence': {
    fn: (x, s, o, shift) => tf.square(groupNorm(x!, s!, o!, { groups: 2, shift: shift! })),
    shapes: [...shapes([2, 3, 4]), [2, 4]],
  },
  'of sequences, one group': {
    fn: (x, s, o) => tf.square(groupNorm(x!, s!, o!, { groups: 1, epsilon: 0.1 })),
    shapes: shapes([2, 3, 3]),
  },
  'of vectors, then silu': {
    fn: (x, s, o) => groupNorm(x!, s!, o!, { groups: 2, activation: 'silu' }),
    shapes: shapes([3, 6]),
  },
};

describeGradients('gradients of groupNorm', groupNormGradients, cases, () => {
  it.each(['none', 'silu'] as const)(
    'are those of plain operations in both orders, activation %s',
    (activation) => {
      tf.tidy(() => {
        const rng = createRng(4);
        const options = { groups: 3, activation };
        const params = {
          x: toTensor(rng.normal([2, 3, 3, 6])),
          s: toTensor(rng.normal([6])),
          o: toTensor(rng.normal([6])),
        };
        const weights = toTensor(rng.normal([2, 3, 3, 6]));
        const derivatives = (norm: typeof plain) => {
          const first = valueAndGrad((p) =>
            tf.sum(tf.mul(weights, norm(p.x!, p.s!, p.o!, options))),
          );
          const second = valueAndGrad((p) => {
            const { x, s, o } = first(p).grads;
            return tf.addN([x!, s!, o!].map((g) => tf.sum(tf.sin(g))));
          });
          return { ...first(params).grads, ...renamed(second(params).grads) };
        };
        const renamed = (grads: Readonly<Record<string, tf.Tensor>>) =>
          Object.fromEntries(Object.entries(grads).map(([name, g]) => [`${name}''`, g]));
        const ours = derivatives(groupNorm);
        for (const [name, theirs] of Object.entries(derivatives(plain))) {
          const error = tf.max(tf.abs(tf.sub(ours[name]!, theirs))).dataSync()[0]!;
          const size = tf.max(tf.abs(theirs)).dataSync()[0]!;
          // Two roundings of float32 of sums of 54 terms.
          expect(error, name).toBeLessThanOrEqual(2e-5 * size);
        }
      });
    },
  );
});

describe('groupNorm', () => {
  it.each<[number[], GroupNormOptions]>([
    [[2, 5, 3, 6], { groups: 3 }],
    [[2, 5, 3, 6], { groups: 6, activation: 'silu' }],
    [[3, 7, 4], { groups: 1, epsilon: 0.5 }],
    [[4, 8], { groups: 2, activation: 'silu', epsilon: 1e-6 }],
  ])('agrees with its definition: %j %j', (shape, options) => {
    tf.tidy(() => {
      const rng = createRng(8);
      const x = rng.uniform(shape, 2, 5);
      const channels = shape[shape.length - 1]!;
      for (const factors of [[channels], [shape[0]!, channels]]) {
        const scale = rng.normal(factors);
        const offset = rng.normal(factors);
        const y = groupNorm(toTensor(x), toTensor(scale), toTensor(offset), options);
        expect(y.shape).toEqual(shape);
        const expected = naive(x, scale, offset, options);
        const error = y.dataSync().map((value, i) => value - expected[i]!);
        expect(Math.max(...error.map(Math.abs))).toBeLessThan(1e-5);
      }
    });
  });

  it('of x and a shift is that of their sum', () => {
    tf.tidy(() => {
      const rng = createRng(9);
      const [x, scale, offset, shift] = [[2, 5, 3, 6], [6], [6], [2, 6]].map((shape) =>
        toTensor(rng.normal(shape)),
      );
      const shifted = groupNorm(x!, scale!, offset!, { groups: 3, shift: shift! });
      const sum = tf.add(x!, tf.reshape(shift!, [2, 1, 1, 6]));
      const expected = groupNorm(sum, scale!, offset!, { groups: 3 });
      expect(tf.max(tf.abs(tf.sub(shifted, expected))).dataSync()[0]).toBe(0);
    });
  });

  it('refuses a shift of another shape', () => {
    tf.tidy(() => {
      const run = () =>
        groupNorm(tf.zeros([2, 3, 4]), tf.ones([4]), tf.zeros([4]), {
          groups: 2,
          shift: tf.zeros([4]),
        });
      expect(run).toThrow(/shift \[4\].*Allowed: shift \[2, 4\]/s);
    });
  });

  it.each<[string, number[], number[], number[], number, RegExp]>([
    ['groups that do not divide the channels', [1, 4], [4], [4], 3, /x \[1, 4\].*and 3 groups/],
    ['no groups', [1, 4], [4], [4], 0, /and 0 groups/],
    ['a scale of another length', [1, 2, 4], [2], [4], 2, /scale \[2\]/],
    ['an offset of two axes', [1, 2, 4], [4], [1, 4], 2, /offset \[1, 4\]/],
    ['scales of other items', [2, 2, 4], [3, 4], [3, 4], 2, /scale \[3, 4\]/],
    ['a vector', [4], [4], [4], 2, /x \[4\]/],
  ])('refuses %s', (_name, x, scale, offset, groups, message) => {
    tf.tidy(() => {
      const run = () => groupNorm(tf.zeros(x), tf.zeros(scale), tf.zeros(offset), { groups });
      expect(run).toThrow(message);
    });
  });

  it.each([-1, Number.NaN])('refuses epsilon %d', (epsilon) => {
    tf.tidy(() => {
      const run = () =>
        groupNorm(tf.zeros([1, 4]), tf.ones([4]), tf.ones([4]), { groups: 2, epsilon });
      expect(run).toThrow(/epsilon/);
    });
  });
});
