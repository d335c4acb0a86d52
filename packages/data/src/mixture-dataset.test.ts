import { createRng, type Dataset } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eightGaussians } from './eight-gaussians.js';
import { gaussianMixture } from './gaussian-mixture.js';
import { datasets } from './index.js';
import type { MixtureDataset } from './mixture-dataset.js';
import { ncsnMixture } from './ncsn-mixture.js';

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

  it("is the mixture's distribution", () => {
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
          const noised = density!.at({ alpha, sigma });
          const score = noised.score(x);
          // A central difference of step h is wrong by h² of the third derivative, which grows as
          // the cube of the score's scale, and by rounding of ln p over h.
          const h = 1e-5;
          for (const i of [0, 1]) {
            const moved = (by: number) =>
              noised.logDensity(x.map((v, j) => (j === i ? v + by : v)));
            const slope = (moved(h) - moved(-h)) / (2 * h);
            const scale = 1 + Math.abs(score[i]!) + Math.abs(noised.logDensity(x));
            expect(Math.abs(slope - score[i]!)).toBeLessThan(1e-6 * scale);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

it('is in the batches of the mixtures and of no other set', () => {
  for (const factory of datasets) {
    const data: Dataset = factory();
    const { density } = data.batch(createRng(0), 0, 1);
    expect(density, factory.id).toBe('mixture' in data ? data.mixture : undefined);
  }
});
