import { checkedTime, number, TweedieError } from '@tweedie/core';

/** Options of the continuous processes with linear β. */
export const linearBetaOptions = {
  betaMin: number({ default: 0.1, min: 0, doc: 'β at t = 0' }),
  betaMax: number({ default: 20, above: 0, doc: 'β at t = 1' }),
  start: number({
    default: 1e-3,
    above: 0,
    below: 1,
    doc: 'first time; t = 0 has no noise, which a network cannot predict',
  }),
};

/** The drift that these processes share: β(t) = β_min + t(β_max − β_min), ln α = −½ ∫ β. */
export function linearBeta(name: string, betaMin: number, betaMax: number, start: number) {
  if (betaMax < betaMin) {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'schedules',
      given: `${name}: betaMin is ${betaMin} and betaMax ${betaMax}`,
      allowed: 'betaMin not above betaMax',
    });
  }
  const time = { kind: 'continuous', start, end: 1 } as const;
  const inside = (t: number) => checkedTime(name, time, t);
  return {
    time,
    beta: (t: number) => betaMin + inside(t) * (betaMax - betaMin),
    logAlpha: (t: number) =>
      -0.25 * inside(t) ** 2 * (betaMax - betaMin) - 0.5 * inside(t) * betaMin,
  };
}
