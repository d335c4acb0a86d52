import { defineWeighting } from './weighting.js';

/** ((α² + σ²)/σ)²: the plain error of v; SNR + 1 where variance is preserved. */
export const velocityWeighting = defineWeighting({
  owner: 'losses',
  id: 'velocity',
  doc: '((α² + σ²)/σ)², SNR + 1 where variance is preserved: the plain error of v',
  source: 'Salimans & Ho 2022',
  options: {},
  weight: ({ alpha, sigma }) => ((alpha ** 2 + sigma ** 2) / sigma) ** 2,
});
