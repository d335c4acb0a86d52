import {
  add,
  mean,
  mul,
  reshape,
  type Scalar,
  square,
  sub,
  type Tensor,
  type Tensor1D,
  tidy,
} from '@tensorflow/tfjs-core';
import '@tweedie/autodiff';
import {
  boolean,
  choice,
  type Draws,
  defineFactory,
  type FloatArray,
  floats,
  type Level,
  type Loss,
  levelAt,
  type Model,
  number,
  type OptionSpecs,
  type Options,
  type Rng,
  type TensorDraws,
  TweedieError,
  targetCoefficients,
  timeRange,
} from '@tweedie/core';
import {
  dataWeighting,
  edmWeighting,
  minSnrWeighting,
  noiseWeighting,
  p2Weighting,
  softMinSnrWeighting,
  velocityWeighting,
  type Weighting,
} from './weightings.js';

const options = {
  weighting: choice(['noise', 'data', 'velocity', 'min-snr', 'soft-min-snr', 'edm', 'p2'], {
    default: 'noise',
    doc: 'which error is weighted evenly over the levels: noise is L_simple',
  }),
  gamma: number({ default: 5, above: 0, doc: 'γ of min-snr and soft-min-snr' }),
  p2Gamma: number({ default: 1, min: 0, doc: 'γ of p2' }),
  p2K: number({ default: 1, above: 0, doc: 'k of p2' }),
  sigmaData: number({ default: 0.5, above: 0, doc: 'standard deviation of the data, for edm' }),
  stratified: boolean({
    default: false,
    doc: 'spread the times of a batch evenly (then an item depends on the batch size)',
  }),
} satisfies OptionSpecs;

/** The key prefix of a network's dropout masks among the draws. */
const DROPOUT = 'dropout.';

/**
 * L_simple for any schedule and parameterization: t uniform, x_t = α x₀ + σ ε, and the mean over the
 * batch of w(t)·‖F − target‖²/D, where F is what the network predicts and the target the same
 * combination of x₀ and ε. With noise prediction and the noise weighting it is eq. 14 of Ho et al.,
 * "Denoising diffusion probabilistic models" (2020).
 *
 * `draw` throws INVALID_VALUE where the parameterization has no meaning at a level that was drawn
 * (noise prediction of pure noise).
 */
export const simpleLoss = defineFactory({
  owner: 'losses',
  id: 'simple',
  doc: 'weighted squared error of the prediction at a uniformly drawn time (L_simple)',
  options,
  create(resolved): Pick<Loss, 'draw' | 'value'> {
    const weighting = weightingOf(resolved);
    return {
      draw(model, batch, rng): Draws {
        const items = batch.x.shape[0]!;
        const times = drawTimes(model, items, rng.fork('time'), resolved.stratified);
        const levels = times.map((t) => levelAt(model.schedule, t));
        const masks = model.network.dropoutMasks?.(rng.fork('dropout'), items) ?? {};
        return {
          noise: rng.fork('noise').normal(batch.x.shape),
          ...coefficientDraws(model, levels, weighting),
          ...Object.fromEntries(
            Object.entries(masks).map(([name, mask]) => [`${DROPOUT}${name}`, mask]),
          ),
        };
      },

      value(model, params, batch, draws): Scalar {
        return tidy(() => {
          const { x } = batch;
          const perItem = (name: string): Tensor =>
            reshape(draws[name]!, [x.shape[0]!, ...x.shape.slice(1).map(() => 1)]);
          const noise = draws.noise!;
          const noisy = add(mul(x, perItem('alpha')), mul(noise, perItem('sigma')));
          const prediction = model.network.apply(params, mul(noisy, perItem('in')), {
            time: draws.time as Tensor1D,
            label: batch.label,
            dropout: dropoutOf(draws),
          });
          const target = add(mul(x, perItem('dataTarget')), mul(noise, perItem('noiseTarget')));
          const errors = square(sub(prediction, target));
          const perItemError = mean(reshape(errors, [x.shape[0]!, -1]), 1);
          return mean(mul(perItemError, draws.weight!)) as Scalar;
        });
      },
    };
  },
});

function weightingOf(resolved: Options<typeof options>): Weighting {
  switch (resolved.weighting) {
    case 'noise':
      return noiseWeighting;
    case 'data':
      return dataWeighting;
    case 'velocity':
      return velocityWeighting;
    case 'min-snr':
      return minSnrWeighting(resolved.gamma);
    case 'soft-min-snr':
      return softMinSnrWeighting(resolved.gamma);
    case 'edm':
      return edmWeighting(resolved.sigmaData);
    case 'p2':
      return p2Weighting(resolved.p2K, resolved.p2Gamma);
  }
}

/** One time an item: a uniform step of a discrete schedule, a uniform time of a continuous one. */
function drawTimes({ schedule }: Model, items: number, rng: Rng, stratified: boolean): number[] {
  const [start, end] = timeRange(schedule);
  const uniform = rng.uniform([items]).data;
  return Array.from(uniform, (u, i) => {
    const place = stratified ? (i + u) / items : u;
    return schedule.time.kind === 'discrete'
      ? Math.floor(place * schedule.time.steps)
      : start + place * (end - start);
  });
}

/** What the tensor code needs of each item's level, computed in float64. */
function coefficientDraws(
  { parameterization }: Model,
  levels: readonly Level[],
  weighting: Weighting,
): Record<string, FloatArray> {
  const rows = levels.map((level) => {
    const { out, in: scale, noise } = parameterization.coefficients(level);
    const target = targetCoefficients(parameterization, level);
    const row = {
      alpha: level.alpha,
      sigma: level.sigma,
      in: scale,
      time: noise,
      dataTarget: target.data,
      noiseTarget: target.noise,
      weight: weighting(level) * out ** 2,
    };
    if (!Object.values(row).every(Number.isFinite)) throw meaningless(parameterization.name, level);
    return row;
  });
  const names = ['alpha', 'sigma', 'in', 'time', 'dataTarget', 'noiseTarget', 'weight'] as const;
  return Object.fromEntries(names.map((name) => [name, floats(rows.map((row) => row[name]))]));
}

function meaningless(parameterization: string, level: Level): TweedieError {
  return new TweedieError({
    code: 'INVALID_VALUE',
    package: 'losses',
    given: `the ${parameterization} parameterization has no finite target and weight at t = ${level.t} (α = ${level.alpha}, σ = ${level.sigma})`,
    allowed:
      'levels with α > 0 and σ > 0, or a parameterization and weighting that are finite there',
    fix: 'predict velocity or data where the schedule reaches pure noise, and keep its start above σ = 0',
  });
}

function dropoutOf(draws: TensorDraws): Record<string, Tensor> | undefined {
  const masks = Object.entries(draws)
    .filter(([name]) => name.startsWith(DROPOUT))
    .map(([name, mask]) => [name.slice(DROPOUT.length), mask] as const);
  return masks.length === 0 ? undefined : Object.fromEntries(masks);
}
