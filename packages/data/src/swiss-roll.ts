import { defineFactory, number } from '@tweedie/core';
import { planeDataset } from './plane-dataset.js';

/** (r cos r, r sin r), r uniform in [3π/2, 9π/2]: scikit-learn's `make_swiss_roll` seen from its side. */
export const swissRoll = defineFactory({
  owner: 'data',
  id: 'swiss-roll',
  doc: 'a rolled-up sheet seen from its side: a spiral of one and a half turns',
  source: 'scikit-learn',
  options: { noise: number({ default: 0.05, min: 0, doc: 'standard deviation of the noise' }) },
  create: ({ noise }) => {
    const centre = [2, 2 / (3 * Math.PI)] as const;
    return planeDataset({
      classes: 0,
      noise,
      centre,
      // E r² = 39π²/4, less the square of the centre.
      spread: (39 / 4) * Math.PI ** 2 - centre[0] ** 2 - centre[1] ** 2,
      point(_label, [u]) {
        const r = 1.5 * Math.PI * (1 + 2 * u);
        return [r * Math.cos(r), r * Math.sin(r)];
      },
    });
  },
});
