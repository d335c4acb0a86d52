import { createRng, type Dataset } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { datasets } from './datasets.js';
import { eightGaussians } from './eight-gaussians.js';
import { gaussianMixture, ncsnMixture } from './gaussian-mixture.js';
import type { MixtureDataset } from './mixture-dataset.js';

const sets: readonly (readonly [string, MixtureDataset])[] = [
  ['gaussian-mixture', gaussianMixture({ weights: [1, 3], standardDeviations: [0.4, 0.7] })],
  [
    'gaussian-mixture with covariances',
    gaussianMixture({ weights: [1], means: [0, 1], covariances: [1, 0.4, 0.4, 0.5] }),
  ],
  ['ncsn-mixture', ncsnMixture()],
  ['eight-gaussians', eightGaussians({ noise: 0.3 })],
];

describe.each(sets)('the density of a batch of %s', (_name, data) => {
  const { density } = data.batch(createRng(1), 0, 2);

  it("is the mixture's law", () => {
    const points = [
      [0, 0],
      [1, -0.5],
      [5, 4],
    ];
    for (const x of points) {
      expect(density!.logDensity(x)).toBe(data.mixture.logDensity(x));
      expect(density!.score(x)).toEqual(data.mixture.score(x));
    }
  });

  it('has at each level a score that is the gradient of its log-density', () => {
    const coordinate = fc.double({ min: -4, max: 4, noNaN: true });
    fc.assert(
      fc.property(
        fc.tuple(coordinate, coordinate),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.2, max: 3, noNaN: true }),
        (x, alpha, sigma) => {
          const law = density!.at({ alpha, sigma });
          const score = law.score(x);
          // A central difference of step h is wrong by h² of the third derivative, which grows as
          // the cube of the score's scale, and by rounding of ln p over h.
          const h = 1e-5;
          for (const i of [0, 1]) {
            const moved = (by: number) => law.logDensity(x.map((v, j) => (j === i ? v + by : v)));
            const slope = (moved(h) - moved(-h)) / (2 * h);
            const scale = 1 + Math.abs(score[i]!) + Math.abs(law.logDensity(x));
            expect(Math.abs(slope - score[i]!)).toBeLessThan(1e-6 * scale);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

it('stands in the batches of the sets whose law is known, and of no other', () => {
  const known = datasets
    .filter((factory) => {
      const data: Dataset = factory();
      return data.batch(createRng(0), 0, 1).density !== undefined;
    })
    .map(({ id }) => id);
  expect(known).toEqual(['gaussian-mixture', 'ncsn-mixture', 'eight-gaussians']);
});
