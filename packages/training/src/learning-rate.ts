/** How the learning rate goes through a training run. */
export interface LearningRateSchedule {
  /** The largest learning rate. */
  readonly learningRate: number;
  /** Steps over which it rises linearly. */
  readonly warmupSteps: number;
  readonly decay: 'cosine' | 'none';
  /** The fraction of the learning rate at which cosine decay would end, at step `steps` + 1. */
  readonly finalFraction: number;
  /** Steps of the whole run. */
  readonly steps: number;
}

/**
 * The learning rate of one update: a linear rise from learningRate/warmupSteps, then constant or
 * half a cosine period. Loshchilov & Hutter, "SGDR" (2017), eq. 5, without restarts. No update has
 * the rate 0: the first after the warm-up has the whole rate, and the decay would reach its end
 * with the update after the last.
 *
 * @param step number of the update, 1 … steps
 */
export function learningRateAt(step: number, schedule: LearningRateSchedule): number {
  const { learningRate, warmupSteps, decay, finalFraction, steps } = schedule;
  if (step <= warmupSteps) return learningRate * (step / warmupSteps);
  if (decay === 'none') return learningRate;
  const progress = Math.min(1, (step - 1 - warmupSteps) / (steps - warmupSteps));
  const cosine = (1 + Math.cos(Math.PI * progress)) / 2;
  return learningRate * (finalFraction + (1 - finalFraction) * cosine);
}
