import { TweedieError } from '@tweedie/core';

/**
 * Checks that noise grows.
 *
 * @param name of the schedule, for error messages
 * @throws TweedieError INVALID_OPTION
 */
export function checkSigmaRange(name: string, sigmaMin: number, sigmaMax: number): void {
  if (sigmaMin < sigmaMax) return;
  throw new TweedieError({
    code: 'INVALID_OPTION',
    package: 'schedules',
    given: `${name}: sigmaMin is ${sigmaMin} and sigmaMax ${sigmaMax}`,
    allowed: 'sigmaMin below sigmaMax',
  });
}
