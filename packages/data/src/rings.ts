import { defineFactory, integer, number } from '@tweedie/core';
import { planeDataset } from './plane-dataset.js';

/** Concentric circles of radii 1, 2, …, one a class, each as likely as the others. */
export const rings = defineFactory({
  owner: 'data',
  id: 'rings',
  doc: 'concentric circles',
  source: 'Grathwohl et al. 2019 (FFJORD)',
  options: {
    count: integer({ default: 4, min: 1, max: 1000, doc: 'number of circles' }),
    noise: number({ default: 0.04, min: 0, doc: 'standard deviation of the noise' }),
  },
  create: ({ count, noise }) =>
    planeDataset({
      classes: count,
      noise,
      centre: [0, 0],
      spread: ((count + 1) * (2 * count + 1)) / 6,
      point(label, [u]) {
        const angle = 2 * Math.PI * u;
        return [(label + 1) * Math.cos(angle), (label + 1) * Math.sin(angle)];
      },
    }),
});
