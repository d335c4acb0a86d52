import type { Level, Schedule } from './contracts/index.js';
import { TweedieError } from './errors.js';

/** The level of a schedule at time t. */
export function levelAt(schedule: Schedule, t: number): Level {
  return { t, alpha: schedule.alpha(t), sigma: schedule.sigma(t) };
}

/** Half the log signal-to-noise ratio, λ = ln(α/σ): −∞ for pure noise, ∞ for clean data. */
export function halfLogSnr(level: Pick<Level, 'alpha' | 'sigma'>): number {
  return Math.log(level.alpha) - Math.log(level.sigma);
}

/** Signal-to-noise ratio α²/σ². */
export function snr(level: Pick<Level, 'alpha' | 'sigma'>): number {
  return (level.alpha / level.sigma) ** 2;
}

/** The first and the last time of a schedule. */
export function timeRange(schedule: Schedule): readonly [number, number] {
  return schedule.time.kind === 'discrete'
    ? [0, schedule.time.steps - 1]
    : [schedule.time.start, schedule.time.end];
}

/**
 * The time at which a schedule reaches λ, by bisection (λ falls as t grows); times beyond the ends
 * are clamped to them. Exact to the last bits of t.
 */
export function timeAtHalfLogSnr(schedule: Schedule, lambda: number): number {
  let [low, high] = timeRange(schedule);
  const at = (t: number) => halfLogSnr(levelAt(schedule, t));
  if (Number.isNaN(lambda)) {
    throw new TweedieError({
      code: 'NOT_FINITE',
      package: 'core',
      given: 'λ is NaN',
      allowed: 'a number, or ±Infinity',
    });
  }
  if (lambda >= at(low)) return low;
  if (lambda <= at(high)) return high;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (at(middle) > lambda) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The level of a schedule with this λ; beyond the schedule's ends, the level at the end. */
export function levelAtHalfLogSnr(schedule: Schedule, lambda: number): Level {
  return levelAt(schedule, timeAtHalfLogSnr(schedule, lambda));
}

/**
 * Coefficients of the forward SDE dx = f x dt + g dw that has these marginals: drift f = d ln α/dt,
 * diffusion² g² = dσ²/dt − 2 f σ². Uses the schedule's own rates, else differences of fourth order
 * (one-sided at the ends; relative error about 1e-9 on a smooth schedule).
 * Kingma et al., "Variational diffusion models" (2021), appendix; Song et al. (2021), eq. 5.
 */
export function sdeCoefficients(
  schedule: Schedule,
  t: number,
): { readonly drift: number; readonly diffusionSquared: number } {
  const sigma = schedule.sigma(t);
  const rates = schedule.rates?.(t) ?? {
    logAlpha: derivative((s) => Math.log(schedule.alpha(s)), t, timeRange(schedule)),
    variance: derivative((s) => schedule.sigma(s) ** 2, t, timeRange(schedule)),
  };
  return {
    drift: rates.logAlpha,
    diffusionSquared: rates.variance - 2 * rates.logAlpha * sigma ** 2,
  };
}

function derivative(
  f: (t: number) => number,
  t: number,
  [start, end]: readonly [number, number],
): number {
  const h = (end - start) * 1e-3;
  // How many of the five points lie before t, so that all lie inside the domain. The margin keeps
  // them there after rounding.
  const roomBefore = Math.floor((t - start) / h - 1e-9);
  const roomAfter = Math.floor((end - t) / h - 1e-9);
  const before = Math.max(0, Math.min(2, roomBefore)) + 2 - Math.max(0, Math.min(2, roomAfter));
  const stencils = [
    [-25, 48, -36, 16, -3],
    [-3, -10, 18, -6, 1],
    [1, -8, 0, 8, -1],
    [-1, 6, -18, 10, 3],
    [3, -16, 36, -48, 25],
  ];
  const weights = stencils[before]!;
  let sum = 0;
  for (let i = 0; i < 5; i++) {
    if (weights[i] !== 0) sum += weights[i]! * f(t + (i - before) * h);
  }
  return sum / (12 * h);
}

/** q(x_t | x_s) = N(scale·x_s, variance·I) for s before t. */
export interface Transition {
  readonly scale: number;
  readonly variance: number;
}

/**
 * Standard deviation of what a state keeps of the noise that it had at an earlier level,
 * (α_t/α_s) σ_s, from 0 to σ_t.
 */
function keptNoise(from: Level, to: Level): number {
  if (to.alpha === 0 || from.sigma === 0) return 0;
  const kept = (to.alpha / from.alpha) * from.sigma;
  // Levels of equal λ may come out of order by rounding.
  if (!(kept <= to.sigma * (1 + 1e-12)) || kept === Number.POSITIVE_INFINITY) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'core',
      given: `the transition goes from t = ${from.t} (λ = ${halfLogSnr(from)}) to t = ${to.t} (λ = ${halfLogSnr(to)})`,
      allowed: 'a step to a level with more noise',
    });
  }
  return Math.min(kept, to.sigma);
}

/**
 * The forward transition from one level to a noisier one: scale α_t/α_s and variance
 * σ_t² − (α_t/α_s)² σ_s², as a product that keeps its digits between near levels.
 *
 * @throws TweedieError INVALID_VALUE when `to` is less noisy than `from`
 */
export function transition(from: Level, to: Level): Transition {
  const kept = keptNoise(from, to);
  return {
    scale: to.alpha === 0 ? 0 : to.alpha / from.alpha,
    variance: (to.sigma - kept) * (to.sigma + kept),
  };
}

/** q(x_s | x_t, x₀) = N(dataCoefficient·x₀ + stateCoefficient·x_t, variance·I). */
export interface Posterior {
  readonly dataCoefficient: number;
  readonly stateCoefficient: number;
  readonly variance: number;
}

/**
 * The posterior of a less noisy state given a noisier one and the data, between any two levels.
 * DDPM's μ̃_t and β̃_t (Ho et al. 2020, eqs. 6 and 7) are the case s = t − 1; the general form is
 * eq. 25 ff. of Kingma et al., "Variational diffusion models" (2021).
 *
 * @param at the noisier level t
 * @param before the less noisy level s
 * @throws TweedieError INVALID_VALUE when `before` is the noisier one
 */
export function posterior(at: Level, before: Level): Posterior {
  if (before.sigma === 0) {
    return { dataCoefficient: before.alpha, stateCoefficient: 0, variance: 0 };
  }
  const keptShare = keptNoise(before, at) / at.sigma;
  const addedShare = (1 - keptShare) * (1 + keptShare);
  return {
    dataCoefficient: before.alpha * addedShare,
    stateCoefficient: keptShare * (before.sigma / at.sigma),
    variance: addedShare * before.sigma ** 2,
  };
}
