import { defineFactory, integer, number, TweedieError } from '@tweedie/core';
import { planeDataset } from './plane-dataset.js';

/** Uniform on the dark squares of a square board; the one at the lower left corner is dark. */
export const checkerboard = defineFactory({
  owner: 'data',
  id: 'checkerboard',
  doc: 'uniform on the dark squares of a board',
  source: 'Grathwohl et al. 2019 (FFJORD)',
  options: {
    squares: integer({ default: 4, min: 2, max: 1000, doc: 'squares a side, an even number' }),
    noise: number({ default: 0, min: 0, doc: 'standard deviation of the noise' }),
  },
  create({ squares, noise }) {
    if (squares % 2 !== 0) {
      throw new TweedieError({
        code: 'INVALID_OPTION',
        package: 'data',
        given: `checkerboard: squares is ${squares}`,
        allowed: 'an even number of at least 2',
      });
    }
    return planeDataset({
      classes: 0,
      noise,
      centre: [squares / 2, squares / 2],
      // Each coordinate by itself is uniform on the side.
      spread: squares ** 2 / 6,
      point(_label, [u, v]) {
        const x = u * squares;
        // Half the squares of a column are dark: go up among these alone.
        const dark = Math.floor((v * squares) / 2);
        const inside = (v * squares) / 2 - dark;
        return [x, 2 * dark + (Math.floor(x) % 2) + inside];
      },
    });
  },
});
