import { checkedTime, type Schedule, TweedieError } from '@tweedie/core';

/** A schedule without its name and options. */
export type ScheduleBody = Pick<Schedule, 'time' | 'alpha' | 'sigma'>;

/**
 * The variance-preserving process of a table of β: ᾱ_t = Π_{s ≤ t} (1 − β_s), α = √ᾱ, σ = √(1 − ᾱ),
 * t = 0 … T − 1. The product is a sum of logarithms, so that neither α nor σ loses digits where it
 * is small. Between two steps λ = ln(α/σ) is linear; where the last λ is −∞ (zero terminal SNR),
 * α is linear over the last interval instead.
 *
 * @param name of the schedule, for error messages
 * @param zeroTerminalSnr shifts and scales √ᾱ so that it ends at 0 and its first value stays: Lin et
 * al., "Common diffusion noise schedules and sample steps are flawed" (2023), algorithm 1
 * @throws TweedieError INVALID_OPTION when a β is not between 0 and 1, or when there are too few
 */
export function betaTable(
  name: string,
  betas: ArrayLike<number>,
  zeroTerminalSnr: boolean,
): ScheduleBody {
  const steps = betas.length;
  const least = zeroTerminalSnr ? 2 : 1;
  if (steps < least) {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'schedules',
      given: `${name}: there are ${steps} steps`,
      allowed: zeroTerminalSnr ? 'at least 2 steps with zeroTerminalSnr' : 'at least 1 step',
    });
  }
  const alphas = new Float64Array(steps);
  const sigmas = new Float64Array(steps);
  let logAlphaBar = 0;
  for (let t = 0; t < steps; t++) {
    const beta = betas[t]!;
    if (!(beta > 0 && beta < 1)) {
      throw new TweedieError({
        code: 'INVALID_OPTION',
        package: 'schedules',
        given: `${name}: β of step ${t} is ${beta}`,
        allowed: 'numbers above 0 and below 1',
      });
    }
    logAlphaBar += Math.log1p(-beta);
    alphas[t] = Math.exp(logAlphaBar / 2);
    sigmas[t] = Math.sqrt(-Math.expm1(logAlphaBar));
  }
  if (zeroTerminalSnr) {
    const first = alphas[0]!;
    const last = alphas[steps - 1]!;
    for (let t = 1; t < steps; t++) {
      const alpha = ((alphas[t]! - last) * first) / (first - last);
      alphas[t] = alpha;
      sigmas[t] = Math.sqrt((1 - alpha) * (1 + alpha));
    }
  }

  const time = { kind: 'discrete', steps } as const;
  const at = (t: number): { readonly alpha: number; readonly sigma: number } => {
    const inside = checkedTime(name, time, t);
    const before = Math.floor(inside);
    const share = inside - before;
    const from = { alpha: alphas[before]!, sigma: sigmas[before]! };
    if (share === 0) return from;
    const to = { alpha: alphas[before + 1]!, sigma: sigmas[before + 1]! };
    if (to.alpha === 0) {
      const alpha = from.alpha * (1 - share);
      return { alpha, sigma: Math.sqrt((1 - alpha) * (1 + alpha)) };
    }
    const logRatio =
      (1 - share) * Math.log(from.alpha / from.sigma) + share * Math.log(to.alpha / to.sigma);
    return {
      alpha: 1 / Math.sqrt(1 + Math.exp(-2 * logRatio)),
      sigma: 1 / Math.sqrt(1 + Math.exp(2 * logRatio)),
    };
  };
  return { time, alpha: (t) => at(t).alpha, sigma: (t) => at(t).sigma };
}
