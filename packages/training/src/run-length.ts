/** How long a run of several steps may take, so that a progress bar and Ctrl-C do not wait for it. */
const RUN_SECONDS = 0.05;
const MOST_STEPS = 64;

/**
 * How many steps to run at once, from what one alone takes: a power of two, so that few programs are
 * made, and 1 where fewer than four would fit.
 */
export function stepsThatFit(secondsOfOne: number): number {
  const count = 2 ** Math.floor(Math.log2(Math.min(MOST_STEPS, RUN_SECONDS / secondsOfOne)));
  return count >= 4 ? count : 1;
}

/** Decides how many steps the next run computes. */
export interface RunLength {
  /** @param remaining steps that are left, at least 1 */
  next(remaining: number): number;
  /** Learns from a run. @param seconds that each of its steps took */
  measured(steps: number, seconds: number): void;
}

/** @param stepsPerRun the number asked for; null takes as many as fit the time of a run */
export function createRunLength(stepsPerRun: number | null, runsSeveral: boolean): RunLength {
  let single = 0;
  let secondsOfOne = Number.POSITIVE_INFINITY;
  return {
    next(remaining) {
      const count = stepsPerRun ?? stepsThatFit(secondsOfOne);
      return runsSeveral && count <= remaining ? count : 1;
    },
    measured(steps, seconds) {
      // The first single step is traced and built, and the second may still find its way.
      if (steps === 1 && ++single > 2) secondsOfOne = Math.min(secondsOfOne, seconds);
    },
  };
}
