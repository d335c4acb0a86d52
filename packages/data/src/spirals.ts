import { defineFactory, integer, number } from '@tweedie/core';
import { planeDataset } from './plane-dataset.js';

/**
 * Archimedean spirals from the centre outwards, one a class: radius √u and angle 2π·turns·√u, u
 * uniform, so that the density along an arm is nearly even.
 */
export const spirals = defineFactory({
  owner: 'data',
  id: 'spirals',
  doc: 'spiral arms around a centre',
  source: 'Grathwohl et al. 2019 (FFJORD)',
  options: {
    arms: integer({ default: 2, min: 2, max: 1000, doc: 'number of arms' }),
    turns: number({ default: 1.5, above: 0, doc: 'turns of an arm around the centre' }),
    noise: number({ default: 0.04, min: 0, doc: 'standard deviation of the noise' }),
  },
  create: ({ arms, turns, noise }) =>
    planeDataset({
      classes: arms,
      noise,
      centre: [0, 0],
      spread: 1 / 2,
      point(label, [u]) {
        const radius = Math.sqrt(u);
        const angle = 2 * Math.PI * (turns * radius + label / arms);
        return [radius * Math.cos(angle), radius * Math.sin(angle)];
      },
    }),
});
