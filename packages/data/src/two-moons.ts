import { defineFactory, number } from '@tweedie/core';
import { planeDataset } from './plane-dataset.js';

/**
 * Two interleaved half circles, one a class: (cos θ, sin θ) and its mirror image in the point
 * (½, ¼), θ uniform in [0, π]. The shape of scikit-learn's `make_moons`.
 */
export const twoMoons = defineFactory({
  owner: 'data',
  id: 'two-moons',
  doc: 'two interleaved half circles',
  source: 'scikit-learn',
  options: { noise: number({ default: 0.05, min: 0, doc: 'standard deviation of the noise' }) },
  create: ({ noise }) =>
    planeDataset({
      classes: 2,
      noise,
      centre: [1 / 2, 1 / 4],
      spread: 21 / 16 - 1 / Math.PI,
      point(label, [u]) {
        const x = Math.cos(Math.PI * u);
        const y = Math.sin(Math.PI * u);
        return label === 0 ? [x, y] : [1 - x, 1 / 2 - y];
      },
    }),
});
