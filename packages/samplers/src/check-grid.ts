import { halfLogSnr, type Level, TweedieError } from '@tweedie/core';

/** Whether a grid goes from noise to data or from data to noise. */
export type GridDirection = 'denoise' | 'invert';

/**
 * Checks the grid that a sampler is to walk: at least one step, scales that are levels, noise that
 * never turns, the clean level and pure noise only at the ends.
 *
 * @throws TweedieError INVALID_VALUE
 */
export function checkGrid(id: string, grid: readonly Level[], direction: GridDirection): void {
  const refuse = (given: string, allowed: string): never => {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'samplers',
      given: `${id}: ${given}`,
      allowed,
    });
  };
  if (grid.length < 2) refuse(`the grid has ${grid.length} levels`, 'at least 2, a step apart');
  const clean = direction === 'denoise' ? grid.length - 1 : 0;
  const noisiest = grid.length - 1 - clean;
  grid.forEach((level, i) => {
    const { t, alpha, sigma } = level;
    const name = `level ${i} of the grid (t = ${t}, α = ${alpha}, σ = ${sigma})`;
    const sound = [t, alpha, sigma].every(Number.isFinite) && alpha >= 0 && sigma >= 0;
    if (!sound || (alpha === 0 && sigma === 0)) {
      refuse(`${name} is no level`, 'finite numbers, α and σ not negative and not both 0');
    }
    if (sigma === 0 && i !== clean) {
      refuse(`${name} has no noise`, `σ = 0 at level ${clean} only`);
    }
    if (alpha === 0 && i !== noisiest) {
      refuse(`${name} has no signal`, `α = 0 at level ${noisiest} only`);
    }
    if (i === 0) return;
    const change = halfLogSnr(level) - halfLogSnr(grid[i - 1]!);
    if (direction === 'denoise' ? !(change >= 0) : !(change <= 0)) {
      refuse(
        `noise ${direction === 'denoise' ? 'grows' : 'falls'} to ${name}`,
        direction === 'denoise'
          ? 'a grid from noise to data'
          : 'a grid from data to noise, e.g. a sampling grid reversed',
      );
    }
  });
}
