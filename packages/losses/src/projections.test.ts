import '@tensorflow/tfjs-backend-cpu';
import { zeros } from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { checkedProjections, drawProjections, projectionDistributions } from './projections.js';

describe.each(projectionDistributions)('%s projections', (distribution) => {
  it('have E[v] = 0 and E[vvᵀ] = I, or I/D on the sphere', () => {
    const [count, perItem, size] = [4000, 5, 3];
    const { data, shape } = drawProjections(distribution, [count, size], perItem, createRng(1));
    expect(shape).toEqual([count, perItem, size]);
    const rows = count * perItem;
    const moment = (f: (row: Float32Array) => number) => {
      let sum = 0;
      for (let at = 0; at < data.length; at += size) sum += f(data.subarray(at, at + size));
      return sum / rows;
    };
    const scale = distribution === 'sphere' ? 1 / size : 1;
    // Five standard errors of a mean of 20,000: v has variance 1, v_i v_j at most 2.
    const tolerance = (5 * Math.sqrt(2)) / Math.sqrt(rows);
    for (let i = 0; i < size; i++) {
      expect(Math.abs(moment((v) => v[i]!))).toBeLessThan(tolerance);
      for (let j = 0; j < size; j++) {
        const expected = i === j ? scale : 0;
        expect(Math.abs(moment((v) => v[i]! * v[j]!) - expected)).toBeLessThan(tolerance);
      }
    }
  });

  it('of item i are the same whatever the batch size', () => {
    const together = drawProjections(distribution, [7, 2, 2, 1], 3, createRng(2)).data;
    const alone = drawProjections(distribution, [1, 2, 2, 1], 3, createRng(2).fromItem(4)).data;
    expect([...alone]).toEqual([...together.subarray(4 * 12, 5 * 12)]);
  });
});

it('signs are signs and the sphere has radius 1', () => {
  const signs = drawProjections('rademacher', [50, 4], 2, createRng(3)).data;
  expect(new Set(signs)).toEqual(new Set([-1, 1]));
  const unit = drawProjections('sphere', [50, 4], 2, createRng(3)).data;
  for (let at = 0; at < unit.length; at += 4) {
    // float32 rounding of four squares.
    expect(Math.hypot(...unit.subarray(at, at + 4))).toBeCloseTo(1, 6);
  }
});

it.each([[[3, 2]], [[3, 0, 2]], [[2, 1, 2]], [[3, 1, 3]], [[3, 1, 2, 1]]])(
  'projections of shape %j are refused for items [3, 2]',
  (shape) => {
    const x = zeros([3, 2]);
    const projection = zeros(shape);
    expect(() => checkedProjections('ssm', projection, x)).toThrow(
      /ssm: the projections have the shape \[.*\] and the items \[3, 2\].*Allowed: \[3, M, 2\]/,
    );
    x.dispose();
    projection.dispose();
  },
);
