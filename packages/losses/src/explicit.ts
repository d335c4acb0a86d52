import { mul, type Scalar, square, sub, tidy } from '@tensorflow/tfjs-core';
import {
  type Batch,
  type Density,
  defineFactory,
  type FloatArray,
  hostArray,
  type Level,
  type Loss,
  TweedieError,
} from '@tweedie/core';
import { sumItems, weightedMean } from './items.js';
import {
  drawScoreLevels,
  levelOptions,
  noisedData,
  noiseOption,
  scoreNetwork,
} from './score-network.js';

const id = 'explicit-score-matching';

/**
 * Explicit score matching, ½ E‖s_θ(x) − ∇ ln p(x)‖², where the score of the data is known: for
 * experiments, since with it nothing is left to learn. Hyvärinen, "Estimation of non-normalized
 * statistical models by score matching" (2005), eq. 2; with the half it differs from implicit score
 * matching by the constant ½ E‖∇ ln p‖². Summed over an item, mean over items.
 *
 * With noise 'schedule' the target is the score of p_t at a random level. `draw` throws
 * INVALID_VALUE when the batch has no `density`: only data of a known distribution have one.
 */
export const explicitScoreMatching = defineFactory({
  owner: 'losses',
  id,
  doc: 'error of the score against the known one of the data (ESM)',
  source: 'Hyvärinen 2005',
  options: {
    noise: noiseOption,
    ...levelOptions,
  },
  create: (options): Pick<Loss, 'draw' | 'value'> => ({
    draw(model, batch, rng) {
      const density = densityOf(batch);
      const { levels, draws } = drawScoreLevels(id, model, batch, rng, options);
      return { ...draws, target: exactScores(density, batch.x, levels, draws.noise as FloatArray) };
    },
    value: (model, params, batch, draws) =>
      tidy(() => {
        const x = noisedData(batch, draws);
        const score = scoreNetwork(model, params, batch, draws)(x);
        const error = sumItems(square(sub(score, draws.target!)));
        return weightedMean(mul(error, 0.5), draws.weight!);
      }) as Scalar,
  }),
});

function densityOf({ density }: Batch): Density {
  if (density !== undefined) return density;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'losses',
    given: `${id}: the distribution of the data is not known (the batch has no density)`,
    allowed: 'data whose density is known, such as gaussian-mixture, ncsn-mixture, eight-gaussians',
    fix: 'where it is not known, use implicit, sliced or denoising score matching',
  });
}

/** The score of each item's distribution at the item, in float64 until it is stored. */
function exactScores(
  density: Density,
  { data, shape }: FloatArray,
  levels: readonly Level[],
  noise: FloatArray | undefined,
): FloatArray {
  const size = data.length / levels.length;
  const scores = new Float32Array(data.length);
  // Levels are few and items many.
  const distributions = new Map<number, Density>();
  levels.forEach((level, item) => {
    const { alpha, sigma } = level;
    const at = item * size;
    const point = Array.from(data.subarray(at, at + size), (value, i) =>
      noise === undefined ? value : alpha * value + sigma * noise.data[at + i]!,
    );
    let distribution = noise === undefined ? density : distributions.get(level.t);
    if (distribution === undefined) {
      distribution = density.at(level);
      distributions.set(level.t, distribution);
    }
    scores.set(distribution.score(point), at);
  });
  return hostArray(scores, shape);
}
