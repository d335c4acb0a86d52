import {
  number,
  type OptionValue,
  type Rng,
  restoreRng,
  type Schedule,
  variant,
} from '@tweedie/core';

/** The option of losses that draw times of the schedule. */
export const timesOption = variant(
  {
    uniform: { doc: 'each time as likely, drawn one by one', options: {} },
    lowDiscrepancy: { doc: 'each time as likely, spread evenly over the batch', options: {} },
    logitNormal: {
      doc: 'middle times more often: the logit of the share of the time range is normal',
      options: {
        mean: number({ default: 0, doc: 'mean of the logit; above 0 favours noise' }),
        deviation: number({ default: 1, above: 0, doc: 'standard deviation of the logit' }),
      },
    },
  },
  { default: 'uniform', doc: 'how the times of a batch are drawn' },
);

/** How the times of a batch are drawn. */
export type TimeDensity = OptionValue<typeof timesOption>;

/**
 * A time for each item over the schedule's domain (whole numbers for a discrete one). One draw of the
 * stream; item i's time depends on (rng, i) only.
 *
 * 'uniform' and 'lowDiscrepancy' make each item's time uniform; the second spreads the times of any
 * run of items evenly: item i has u = frac(u₀ + i/φ) with one u₀ for the whole draw. The gain is that
 * of the low-discrepancy sampler of Kingma et al., "Variational diffusion models" (2021), appendix
 * I.1, which needs to know the batch size. 'logitNormal' is the density of Esser et al., "Scaling
 * rectified flow transformers" (2024), eq. 19; a loss does not divide by it, so it is a weighting too.
 */
export function drawTimes(
  schedule: Schedule,
  count: number,
  rng: Rng,
  density: TimeDensity,
): Float64Array {
  const { time } = schedule;
  const shares = drawShares(density, count, rng);
  return Float64Array.from({ length: count }, (_, i) =>
    time.kind === 'discrete'
      ? Math.floor(shares[i]! * time.steps)
      : time.start + shares[i]! * (time.end - time.start),
  );
}

/** Where in the range of times each item is, in [0, 1). */
function drawShares(density: TimeDensity, count: number, rng: Rng): ArrayLike<number> {
  switch (density.name) {
    case 'uniform':
      return rng.uniform([count]).data;
    case 'lowDiscrepancy':
      return additiveRecurrence(rng, count);
    case 'logitNormal':
      return Float64Array.from(rng.normal([count]).data, (z) =>
        Math.min(largestShare, 1 / (1 + Math.exp(-(density.mean + density.deviation * z)))),
      );
  }
}

/** The largest number below 1. */
const largestShare = 1 - Number.EPSILON / 2;

/** 1/φ, the step whose multiples are spread most evenly. */
const goldenRatio = (Math.sqrt(5) - 1) / 2;

function additiveRecurrence(rng: Rng, count: number): Float64Array {
  const state = rng.state();
  const offset = restoreRng({ ...state, firstItem: 0 }).uniform([1]).data[0]!;
  // The stream itself moves on by one draw.
  rng.uniform([0]);
  return Float64Array.from({ length: count }, (_, i) => {
    const u = offset + (((state.firstItem + i) * goldenRatio) % 1);
    return u < 1 ? u : u - 1;
  });
}
