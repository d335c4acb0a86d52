import type { Level } from '@tweedie/core';
import { refuse } from './grid-options.js';

/**
 * A grid on which each level but the last stands `times` times, e.g. σ₁, σ₁, σ₂, σ₂, 0: each of its
 * steps is made that many times, by samplers that stay at a level (Langevin).
 *
 * @throws TweedieError INVALID_VALUE for `times` that is not a whole number of at least 1
 */
export function repeatLevels(grid: readonly Level[], times: number): Level[] {
  if (!Number.isInteger(times) || times < 1) {
    refuse(`levels are repeated ${times} times`, 'a whole number of at least 1');
  }
  return grid.flatMap((level, i) =>
    i === grid.length - 1 ? [level] : new Array<Level>(times).fill(level),
  );
}
