import { createRng } from '@tweedie/core';
import { expect, it } from 'vitest';
import { swissRoll } from './swiss-roll.js';

it('puts points on the spiral whose radius is its angle', () => {
  const { x } = swissRoll({ noise: 0 }).batch(createRng(2), 0, 2000);
  const centre = [2, 2 / (3 * Math.PI)] as const;
  const scale = Math.sqrt(2 / ((39 / 4) * Math.PI ** 2 - centre[0] ** 2 - centre[1] ** 2));
  const radii: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const px = x.data[2 * i]! / scale + centre[0];
    const py = x.data[2 * i + 1]! / scale + centre[1];
    const radius = Math.hypot(px, py);
    radii.push(radius);
    expect(Math.cos(Math.atan2(py, px) - radius)).toBeCloseTo(1, 6);
  }
  expect(Math.min(...radii)).toBeCloseTo(1.5 * Math.PI, 1);
  expect(Math.max(...radii)).toBeCloseTo(4.5 * Math.PI, 1);
});
