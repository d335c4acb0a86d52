import { createRng } from '@tweedie/core';
import { expect, it } from 'vitest';
import { spirals } from './spirals.js';

it('winds each arm around the centre by the turns asked for', () => {
  const { x, label } = spirals({ arms: 3, turns: 2, noise: 0 }).batch(createRng(2), 0, 1000);
  for (let i = 0; i < 1000; i++) {
    // The outer end is at radius 2.
    const radius = Math.hypot(x.data[2 * i]!, x.data[2 * i + 1]!) / 2;
    const angle = Math.atan2(x.data[2 * i + 1]!, x.data[2 * i]!);
    expect(radius).toBeLessThanOrEqual(1 + 1e-6);
    expect(Math.cos(angle - 2 * Math.PI * (2 * radius + label!.data[i]! / 3))).toBeCloseTo(1, 6);
  }
});
