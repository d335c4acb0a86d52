import { createRng } from '@tweedie/core';
import { expect, it } from 'vitest';
import { eightGaussians } from './eight-gaussians.js';

it('puts eight equal modes on the circle of radius √2', () => {
  const data = eightGaussians({ noise: 0.05 });
  expect(data.mixture.components.map(({ weight }) => weight)).toEqual(new Array(8).fill(1 / 8));
  const { x, label } = data.batch(createRng(2), 0, 1000);
  for (let i = 0; i < 1000; i++) {
    const angle = (label!.data[i]! * Math.PI) / 4;
    const dx = x.data[2 * i]! - Math.SQRT2 * Math.cos(angle);
    const dy = x.data[2 * i + 1]! - Math.SQRT2 * Math.sin(angle);
    expect(Math.hypot(dx, dy)).toBeLessThan(0.05 * 5);
  }
});
