import { TweedieError } from '@tweedie/core';

/** The error for a function whose result does not follow from its arguments alone. */
export function impure(details: { readonly given: string; readonly fix: string }): TweedieError {
  return new TweedieError({
    code: 'IMPURE_FUNCTION',
    package: 'backend-onnx',
    given: details.given,
    allowed: 'functions whose result follows from their arguments by tensor operations alone',
    fix: details.fix,
  });
}
