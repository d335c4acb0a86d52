import { type Scalar, tidy } from '@tensorflow/tfjs-core';
import { boolean, defineFactory, integer, type Loss, number, sizeOf } from '@tweedie/core';
import {
  curvatureObjective,
  differenceObjective,
  projectionRows,
  type Square,
} from './curvature.js';
import { repeatItems, weightedMean } from './items.js';
import { checkedProjections, drawProjections, projectionOption } from './projections.js';
import {
  drawScoreLevels,
  levelOptions,
  noisedData,
  noiseOption,
  scoreNetwork,
} from './score-network.js';

const id = 'sliced-score-matching';

/**
 * Sliced score matching, E[vᵀ∇s_θ(x)v + ½(vᵀs_θ(x))²] over random projections v: implicit score
 * matching with one backward pass whatever the dimension. Song et al., "Sliced score matching"
 * (2019). With variance reduction (SSM-VR, the default) the square is integrated:
 * ½‖s‖² where E[vvᵀ] = I. On the unit sphere E[vvᵀ] = I/D, so there everything is 1/D of the
 * implicit objective, and SSM-VR has ½‖s‖²/D. Summed over an item, mean over projections and items.
 * What the reduction gains grows with D: for s = −x on N(0, I) and normal v the variance is 2D in
 * place of D²/2 + D.
 *
 * `finiteDifference` ε replaces the derivative by (s(x + εv) − s(x − εv))/2ε: no second derivatives,
 * an error of order ε². Pang et al., "Efficient learning of generative models via finite-difference
 * score matching" (2020). Noise 'schedule' gives the annealed SSM of NCSN (Song & Ermon 2019,
 * section 4.2), weighted by λ(σ) = σ^power.
 *
 * `draw` throws INVALID_SHAPE when the batch does not fit the network and INVALID_VALUE when the
 * model says nothing about the score at a level; `value` throws INVALID_SHAPE for projections of
 * another shape than [B, projections, …].
 */
export const slicedScoreMatching = defineFactory({
  owner: 'losses',
  id,
  doc: 'score matching along random projections (SSM, SSM-VR, finite differences)',
  source: 'Song et al. 2019; Pang et al. 2020',
  options: {
    projection: projectionOption,
    projections: integer({ default: 1, min: 1, max: 10_000, doc: 'projections an item' }),
    varianceReduction: boolean({
      default: true,
      doc: "take the square's mean over projections exactly (SSM-VR)",
    }),
    finiteDifference: number({
      default: null,
      above: 0,
      doc: 'step ε of differences in place of derivatives, about 0.01 of the data’s scale',
    }),
    noise: noiseOption,
    ...levelOptions,
  },
  create: (options): Pick<Loss, 'draw' | 'value'> => {
    const { projection: distribution, projections, varianceReduction, finiteDifference } = options;
    return {
      draw(model, batch, rng) {
        const { draws } = drawScoreLevels(id, model, batch, rng, options);
        return {
          ...draws,
          projection: drawProjections(distribution, batch.x.shape, projections, rng),
        };
      },
      value: (model, params, batch, draws) =>
        tidy(() => {
          const x = noisedData(batch, draws);
          const projection = checkedProjections(id, draws.projection, x);
          const perItem = projection.shape[1]!;
          const size = sizeOf(x.shape.slice(1));
          const added: Square = varianceReduction
            ? { of: 'score', scale: distribution === 'sphere' ? 1 / size : 1 }
            : { of: 'projection' };
          const score = scoreNetwork(model, params, batch, draws, perItem);
          const rows = [score, repeatItems(x, perItem), projectionRows(projection)] as const;
          const objective =
            finiteDifference === null
              ? curvatureObjective(...rows, added)
              : differenceObjective(...rows, added, finiteDifference);
          return weightedMean(objective, draws.weight!);
        }) as Scalar,
    };
  },
});
