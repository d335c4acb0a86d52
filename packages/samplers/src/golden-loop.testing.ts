import {
  type Coefficients,
  edmPreconditioning,
  type Level,
  noisePrediction,
  type Rng,
  velocityPrediction,
} from '@tweedie/core';
import {
  goldenDraw,
  type Replay,
  type SchedulerLoop,
  scriptedRng,
  torchGenerator,
} from '@tweedie/testing';
import { expect } from 'vitest';

/** The noise that a record was made with. */
export function rngOf(loop: SchedulerLoop): Rng {
  const torch = torchGenerator(0);
  return scriptedRng(
    loop.deterministic ? goldenDraw : (_k: number, count: number) => torch.randn(count),
  );
}

/** Holds a replay to what was recorded, each number to the tolerance of its kind. */
export const sumOfAbs = (values: Iterable<number>) => {
  let sum = 0;
  for (const value of values) sum += Math.abs(value);
  return sum;
};

/** Holds a replay to its record, at the record's own tolerances. */
export function expectGolden(loop: SchedulerLoop, { values, trace }: Replay): void {
  const sum = sumOfAbs(values);
  // Some of diffusers' own tests assert the mean alone.
  if (loop.expected_sum !== null && loop.tol_sum !== null) {
    expect(Math.abs(sum - loop.expected_sum)).toBeLessThan(loop.tol_sum);
  }
  expect(Math.abs(sum / values.length - loop.expected_mean)).toBeLessThan(loop.tol_mean);
  const near = (value: number, wanted: number) =>
    expect(Math.abs(value - wanted)).toBeLessThan(2e-4 * Math.max(1, Math.abs(wanted)));
  for (const [index, wanted] of Object.entries(loop.final_vals ?? {})) {
    near(values[Number(index)]!, wanted);
  }
  loop.out_idx?.forEach((index, i) => {
    near(values[index]!, loop.out_vals![i]!);
  });
  if (Array.isArray(loop.probe_trace)) {
    expect(trace).toHaveLength(loop.probe_trace.length);
    loop.probe_trace.forEach((wanted, i) => {
      near(trace[i]!, wanted);
    });
  }
}

/** The levels that a record lists, in the variables of its scheduler. */
export function recordedLevels({ name, scheduler, timesteps, sigmas }: SchedulerLoop): Level[] {
  const times = timesteps as readonly number[];
  return sigmas!.map((recorded, i) => {
    const t = times[i] ?? -1;
    // In float32 a level that stays the same may seem to grow.
    const sigma = Math.min(recorded, sigmas![i - 1] ?? Infinity);
    if (name.includes('flow')) return { t, alpha: 1 - sigma, sigma };
    if (/^(Euler|Heun|EDM)/.test(scheduler)) return { t, alpha: 1, sigma };
    return { t, alpha: 1 / Math.hypot(1, sigma), sigma: sigma / Math.hypot(1, sigma) };
  });
}

type Scales = Pick<Coefficients, 'skip' | 'out' | 'in'>;

/** What the model's output means there: D = skip x + out F(in x). */
export function recordedCoefficients({
  name,
  scheduler,
  config,
  loop,
}: SchedulerLoop): (level: Level) => Scales {
  if (name.includes('edm')) {
    const { coefficients } = edmPreconditioning({ sigmaData: config.sigma_data });
    return (level) => {
      const { skip, out, in: scale } = coefficients(level);
      const sign = config.prediction_type === 'v_prediction' ? -1 : 1;
      // The plain loop of diffusers' tests leaves out scale_model_input.
      return { skip, out: sign * out, in: loop === 'plain' ? 1 : scale };
    };
  }
  if (name.includes('flow')) return ({ sigma }: Level) => ({ skip: 1, out: -sigma, in: 1 });
  if (/^(Euler|Heun)/.test(scheduler)) {
    return ({ sigma }: Level) => ({ skip: 1, out: -sigma, in: 1 / Math.hypot(1, sigma) });
  }
  return (config.prediction_type === 'v_prediction' ? velocityPrediction() : noisePrediction())
    .coefficients;
}
