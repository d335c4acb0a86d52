import { add, div, mul, type Scalar, square, tidy } from '@tensorflow/tfjs-core';
import { defineFactory, type Loss } from '@tweedie/core';
import { timesOption } from './drawing/draw-times.js';
import { perItem, sumItems, weightedMean } from './items.js';
import { drawScoreLevels, levelOptions, noisedData, scoreNetwork } from './score-network.js';

const id = 'denoising-score-matching';

/**
 * Denoising score matching, ½ E[λ(σ) ‖s_θ(x_t) − ∇ ln q(x_t | x₀)‖²] with x_t = αx₀ + σε, whose
 * target is −ε/σ. Its minimiser is the score of the noised data. Vincent, "A connection between
 * score matching and denoising autoencoders" (2011). Over all levels of a geometric schedule
 * it is the objective of NCSN, Song & Ermon (2019), eqs. 5 and 6, with λ(σ) = σ^power; `time` keeps
 * to one level. Summed over an item, mean over items.
 *
 * With λ = σ² this is D/2 times `simpleLoss`, which is a mean over elements and knows more weights.
 *
 * `draw` throws INVALID_SHAPE when the batch does not fit the network and INVALID_VALUE when the
 * model says nothing about the score at a level.
 */
export const denoisingScoreMatching = defineFactory({
  owner: 'losses',
  id,
  doc: "error of the score against that of the noise that was added (DSM, NCSN's objective)",
  source: 'Vincent 2011; Song & Ermon 2019',
  options: {
    ...levelOptions,
    times: timesOption,
  },
  create: (options): Pick<Loss, 'draw' | 'value'> => ({
    draw: (model, batch, rng) =>
      drawScoreLevels(id, model, batch, rng, { ...options, noise: 'schedule' }).draws,
    value: (model, params, batch, draws) =>
      tidy(() => {
        const x = noisedData(batch, draws);
        const score = scoreNetwork(model, params, batch, draws)(x);
        // σs + ε keeps its digits where σ is small and both parts of s + ε/σ are large.
        const error = sumItems(square(add(mul(perItem(draws.sigma!, x), score), draws.noise!)));
        return weightedMean(mul(error, 0.5), div(draws.weight!, square(draws.sigma!)));
      }) as Scalar,
  }),
});
