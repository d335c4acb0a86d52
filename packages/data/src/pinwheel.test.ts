import { createRng } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { pinwheel } from './pinwheel.js';

describe('pinwheel', () => {
  it('with no spread has one point an arm, turned by e·bend', () => {
    const { x, label } = pinwheel({ arms: 3, radial: 0, tangential: 0, bend: 0.5 }).batch(
      createRng(2),
      0,
      60,
    );
    for (let i = 0; i < 60; i++) {
      const angle = (2 * Math.PI * label!.data[i]!) / 3 + 0.5 * Math.E;
      expect(x.data[2 * i]).toBeCloseTo(Math.SQRT2 * Math.cos(angle), 5);
      expect(x.data[2 * i + 1]).toBeCloseTo(Math.SQRT2 * Math.sin(angle), 5);
    }
  });

  it('bends points more the farther out they are', () => {
    const { x, label } = pinwheel({ tangential: 0 }).batch(createRng(2), 0, 500);
    const scale = Math.sqrt(2 / (1 + 0.3 ** 2));
    for (let i = 0; i < 500; i++) {
      const radius = Math.hypot(x.data[2 * i]!, x.data[2 * i + 1]!) / scale;
      const angle = Math.atan2(x.data[2 * i + 1]!, x.data[2 * i]!);
      const arm = (2 * Math.PI * label!.data[i]!) / 5;
      expect(Math.cos(angle - arm - 0.25 * Math.exp(radius))).toBeCloseTo(1, 5);
    }
  });
});
