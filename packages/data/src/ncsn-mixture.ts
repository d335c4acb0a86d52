import { defineFactory } from '@tweedie/core';
import { mixtureDataset } from './mixture-dataset.js';

/**
 * The mixture of the figures of Song & Ermon, "Generative modeling by estimating gradients of the
 * data distribution" (2019): 4/5 N((5, 5), I) + 1/5 N((−5, −5), I).
 */
export const ncsnMixture = defineFactory({
  owner: 'data',
  id: 'ncsn-mixture',
  doc: 'the two far Gaussians of the NCSN paper, of weights 0.8 and 0.2',
  source: 'Song & Ermon 2019',
  options: {},
  create: () =>
    mixtureDataset([
      { weight: 0.8, mean: [5, 5], variances: [1, 1] },
      { weight: 0.2, mean: [-5, -5], variances: [1, 1] },
    ]),
});
