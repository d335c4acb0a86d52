import { TweedieError } from '@tweedie/core';

/**
 * Checks what a data set is asked for, as `Dataset.batch` does first.
 *
 * @throws TweedieError INVALID_VALUE for a step below 0 or an empty batch
 */
export function checkBatchRequest(step: number, batchSize: number): void {
  check('the step', step, 0);
  check('the batch size', batchSize, 1);
}

function check(what: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'data',
    given: `${what} is ${value}`,
    allowed: `a whole number of at least ${least}`,
  });
}
