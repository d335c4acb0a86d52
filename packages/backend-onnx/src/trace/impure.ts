import { TweedieError } from '@tweedie/core';
import { at } from './user-line.js';

/**
 * The error for a function whose result does not follow from its arguments alone.
 *
 * @param details.line of the user's function, where it is known
 */
export function impure(details: {
  readonly given: string;
  readonly fix: string;
  readonly line?: string | undefined;
  readonly cause?: unknown;
}): TweedieError {
  return new TweedieError({
    code: 'IMPURE_FUNCTION',
    package: 'backend-onnx',
    given: `${details.given}${at(details.line)}`,
    allowed: 'functions whose result follows from their arguments by tensor operations alone',
    fix: details.fix,
    cause: details.cause,
  });
}
