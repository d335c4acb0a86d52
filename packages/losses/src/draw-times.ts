import { type Rng, restoreRng, type Schedule } from '@tweedie/core';

/** How the times of a batch are drawn. Each item's time is uniform either way. */
export type TimeSampling = 'uniform' | 'lowDiscrepancy';

/**
 * A time for each item, uniform over the schedule's domain (whole numbers for a discrete one). One
 * draw of the stream; item i's time depends on (rng, i) only.
 *
 * 'lowDiscrepancy' spreads the times of any run of items evenly: item i has u = frac(u₀ + i/φ) with
 * one u₀ for the whole draw. The gain is that of the low-discrepancy sampler of Kingma et al.,
 * "Variational diffusion models" (2021), appendix I.1, which needs to know the batch size.
 */
export function drawTimes(
  schedule: Schedule,
  count: number,
  rng: Rng,
  sampling: TimeSampling,
): Float64Array {
  const { time } = schedule;
  const u = sampling === 'uniform' ? rng.uniform([count]).data : additiveRecurrence(rng, count);
  return Float64Array.from({ length: count }, (_, i) =>
    time.kind === 'discrete'
      ? Math.floor(u[i]! * time.steps)
      : time.start + u[i]! * (time.end - time.start),
  );
}

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
