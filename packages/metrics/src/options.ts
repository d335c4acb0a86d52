import { TweedieError } from '@tweedie/core';

/** @throws TweedieError INVALID_OPTION unless it is a whole number of at least `least` */
export function checkWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  refuseOption(`${name} is ${value}`, `a whole number of at least ${least}`);
}

/** @throws TweedieError INVALID_OPTION unless it is above 0 (Infinity is) */
export function checkPositive(name: string, value: number): void {
  if (value > 0) return;
  refuseOption(`${name} is ${value}`, 'a number above 0');
}

/** @throws TweedieError INVALID_OPTION */
export function refuseOption(given: string, allowed: string): never {
  throw new TweedieError({ code: 'INVALID_OPTION', package: 'metrics', given, allowed });
}
