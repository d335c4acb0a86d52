import { defineFactory, number } from '@tweedie/core';
import { mixtureDataset } from './mixture-dataset.js';

/**
 * Eight equal Gaussians on a circle of radius √2, so that E‖x‖² is 2 without noise, as of the other
 * 2-D sets.
 */
export const eightGaussians = defineFactory({
  owner: 'data',
  id: 'eight-gaussians',
  doc: 'eight equal Gaussians on a circle; density and score are exact',
  source: 'Grathwohl et al. 2019 (FFJORD)',
  options: {
    noise: number({ default: 0.1, above: 0, doc: 'standard deviation of each Gaussian' }),
  },
  create: ({ noise }) =>
    mixtureDataset(
      Array.from({ length: 8 }, (_, k) => ({
        weight: 1 / 8,
        mean: [Math.SQRT2 * Math.cos((k * Math.PI) / 4), Math.SQRT2 * Math.sin((k * Math.PI) / 4)],
        variances: [noise ** 2, noise ** 2],
      })),
    ),
});
