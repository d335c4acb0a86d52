import { TweedieError } from '@tweedie/core';

/** A file that breaks the format. `why` says which rule, as a sentence without a full stop. */
export function corruptPng(where: string, why: string, cause?: unknown): TweedieError {
  return new TweedieError({
    code: 'CORRUPT_FILE',
    package: 'data',
    given: `${where} cannot be read as a PNG (${why})`,
    allowed: 'a whole PNG file',
    fix: 'save the picture as PNG again',
    ...(cause === undefined ? {} : { cause }),
  });
}
