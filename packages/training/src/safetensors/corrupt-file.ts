import { TweedieError } from '@tweedie/core';

/** A file that breaks its format. `given` says which rule, as a sentence without a full stop. */
export function corruptFile(subject: string, given: string, cause?: unknown): TweedieError {
  return new TweedieError({
    code: 'CORRUPT_FILE',
    package: 'training',
    given: `${subject}: ${given}`,
    ...(cause === undefined ? {} : { cause }),
  });
}
