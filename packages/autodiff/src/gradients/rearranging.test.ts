import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import fc from 'fast-check';
import { it } from 'vitest';
import {
  describeGradients,
  expectFirstOrder,
  type GradientCase,
} from '../finite-differences.testing.js';
import { rearrangingGradients } from './rearranging.js';

const squared = (fn: (x: tf.Tensor) => tf.Tensor, shape: number[]): GradientCase => ({
  fn: (x) => tf.square(fn(x!)),
  shapes: [shape],
});
const x4 = (x: tf.Tensor) => x as tf.Tensor4D;
const pairs = (...sides: [number, number][]) => sides;

const cases: Record<string, GradientCase> = {
  spaceToBatchND: squared((x) => tf.spaceToBatchND(x, [2, 3], pairs([1, 0], [0, 2])), [2, 3, 4, 2]),
  batchToSpaceND: squared((x) => tf.batchToSpaceND(x, [2, 2], pairs([0, 1], [1, 0])), [8, 2, 3, 2]),
  depthToSpace: squared((x) => tf.depthToSpace(x4(x), 2), [2, 2, 3, 8]),
  'mirrorPad, reflect': squared((x) => tf.mirrorPad(x, pairs([2, 1], [0, 2]), 'reflect'), [3, 4]),
  'mirrorPad, symmetric': squared(
    (x) => tf.mirrorPad(x, pairs([2, 3], [1, 0], [0, 4]), 'symmetric'),
    [3, 2, 4],
  ),
  'strided slice': squared((x) => tf.stridedSlice(x, [1, 0], [6, 5], [2, 3]), [7, 5]),
  'strided slice, backwards': squared((x) => tf.stridedSlice(x, [5, 1], [0, 4], [-2, 1]), [7, 5]),
  'strided slice that drops an axis': squared(
    // Not with a stride as well, which tfjs's cpu backend reads wrongly.
    (x) => tf.stridedSlice(x, [1, 1], [2, 4], [1, 1], 0, 0, 0, 0, 1),
    [3, 4],
  ),
  broadcastTo: squared(
    (x) => tf.engine().runKernel('BroadcastTo', { x }, { shape: [2, 3, 4] }) as tf.Tensor,
    [3, 1],
  ),
  diag: squared((x) => tf.diag(x), [2, 3]),
};

// No op of this version of tfjs runs it.
tf.registerKernel({
  kernelName: 'BroadcastTo',
  backendName: 'cpu',
  kernelFunc: ({ inputs, attrs }) =>
    tf.broadcastTo(inputs.x as tf.Tensor, (attrs as unknown as { shape: number[] }).shape),
});

describeGradients('gradients of rearrangements', rearrangingGradients, cases, () => {
  it('are right for any strided slice', () => {
    const axis = fc
      .integer({ min: 1, max: 6 })
      .chain((extent) =>
        fc.tuple(
          fc.constant(extent),
          fc.nat({ max: extent - 1 }),
          fc.nat({ max: extent - 1 }),
          fc.integer({ min: 1, max: 3 }),
        ),
      );
    fc.assert(
      fc.property(fc.array(axis, { minLength: 1, maxLength: 3 }), (axes) => {
        const backwards = axes.map(([, a, b]) => a > b);
        const begin = axes.map(([, a]) => a);
        // Past the last element; before the first one no number can stand, so a mask does.
        const end = axes.map(([, , b], i) => (backwards[i] ? b - 1 : b + 1));
        const endMask = end.reduce((mask, past, i) => (past < 0 ? mask | (1 << i) : mask), 0);
        const steps = axes.map(([, , , step], i) => (backwards[i] ? -step : step));
        const example = squared(
          (x) => tf.stridedSlice(x, begin, end, steps, 0, endMask),
          axes.map(([extent]) => extent),
        );
        expectFirstOrder(example, createRng(5));
      }),
      { numRuns: 30, seed: 1 },
    );
  });
});
