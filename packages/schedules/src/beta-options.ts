import { boolean, integer, number } from '@tweedie/core';

/** More levels than any process has a use for. */
export const mostSteps = 100_000;
/** Two numbers of a table, and a level of a grid. */
export const bytesOfStep = 100;
export const steps = integer({
  default: 1000,
  min: 1,
  max: mostSteps,
  bytes: bytesOfStep,
  doc: 'number of noise levels T',
});
export const zeroTerminalSnr = boolean({
  default: false,
  doc: 'rescale so that the last level is pure noise (needs velocity or data prediction)',
});
export const maxBeta = number({ default: 0.999, above: 0, below: 1, doc: 'no β is above this' });

/** Options of schedules whose β goes from a first to a last. */
export const betaRange = {
  betaStart: number({ default: 1e-4, above: 0, below: 1, doc: 'β of the first step' }),
  betaEnd: number({ default: 0.02, above: 0, below: 1, doc: 'β of the last step' }),
};

/** `count` evenly spaced numbers from start to end, both included; start alone when count is 1. */
export function evenly(start: number, end: number, count: number): number[] {
  const gap = count > 1 ? (end - start) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) =>
    i > 0 && i === count - 1 ? end : start + gap * i,
  );
}

/** β_i = 1 − ᾱ((i + 1)/T)/ᾱ(i/T), capped. Nichol & Dhariwal (2021), section 3.2. */
export function betasOfAlphaBar(
  alphaBar: (u: number) => number,
  count: number,
  cap: number,
): number[] {
  return Array.from({ length: count }, (_, i) =>
    Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), cap),
  );
}
