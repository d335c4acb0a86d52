import type { Arithmetic, Level, Operand } from '../contracts/index.js';
import { choice } from '../options/index.js';

/** Functions of the noise level that a network may be conditioned on, by the name of their option. */
export type TimeInput = 'time' | 'halfLogSnr' | 'logSigma';

/** The option of parameterizations that says what the network's time input is. */
export const conditionOn = choice(['time', 'halfLogSnr', 'logSigma'], {
  default: 'time',
  doc: "the network's time input: t, ln(α/σ) or ln σ",
});

/** The network's time input at a level. */
export function timeInput<T>(
  kind: TimeInput,
  { t, alpha, sigma }: Level<Operand<T>>,
  { sub, log }: Arithmetic<T>,
): Operand<T> {
  if (kind === 'time') return t;
  return kind === 'halfLogSnr' ? sub(log(alpha), log(sigma)) : log(sigma);
}
