import { createRng } from '@tweedie/core';
import { expect, it } from 'vitest';
import { twoMoons } from './two-moons.js';

it('puts each class on its half circle, and the second opposite the first', () => {
  const { x, label } = twoMoons({ noise: 0 }).batch(createRng(2), 0, 2000);
  const scale = Math.sqrt(2 / (21 / 16 - 1 / Math.PI));
  let least = Infinity;
  for (let i = 0; i < 2000; i++) {
    const turn = label!.data[i] === 0 ? 1 : -1;
    // Seen from the centre of symmetry, class 1 is class 0 turned by half a turn.
    const px = (turn * x.data[2 * i]!) / scale + 1 / 2;
    const py = (turn * x.data[2 * i + 1]!) / scale + 1 / 4;
    expect(Math.hypot(px, py)).toBeCloseTo(1, 5);
    least = Math.min(least, py);
  }
  expect(least).toBeGreaterThan(-1e-6);
  expect(least).toBeLessThan(0.02);
});
