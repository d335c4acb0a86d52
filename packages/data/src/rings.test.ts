import { createRng } from '@tweedie/core';
import { expect, it } from 'vitest';
import { rings } from './rings.js';

it('puts class k on the circle of radius (k + 1) units', () => {
  const { x, label } = rings({ count: 3, noise: 0 }).batch(createRng(2), 0, 500);
  const unit = Math.sqrt(2 / ((1 + 4 + 9) / 3));
  for (let i = 0; i < 500; i++) {
    const radius = Math.hypot(x.data[2 * i]!, x.data[2 * i + 1]!);
    expect(radius / unit).toBeCloseTo(label!.data[i]! + 1, 5);
  }
});
