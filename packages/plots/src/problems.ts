import { type ErrorCode, TweedieError } from '@tweedie/core';

/** An error that says what was given and what is allowed. */
export function refuseOption(
  code: ErrorCode,
  given: string,
  allowed: string | readonly string[],
  fix?: string,
): TweedieError {
  return new TweedieError({
    code,
    package: 'plots',
    given,
    allowed: typeof allowed === 'string' ? allowed : allowed.join(', '),
    ...(fix === undefined ? {} : { fix }),
  });
}

/** "points 'learned'", or the kind alone where there is no label. */
export function nameOfMark(kind: string, label: string | undefined): string {
  return label === undefined ? kind : `${kind} '${label}'`;
}

/** @throws TweedieError NOT_FINITE naming the mark, the column and the first bad item */
export function checkFinite(mark: string, column: string, values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw refuseOption(
      'NOT_FINITE',
      `${mark}: ${column} is ${values[i]} at item ${i}`,
      'finite numbers',
      'leave out what is not known, or find out where it came from',
    );
  }
}

/** @throws TweedieError INVALID_SHAPE */
export function checkSameLength(
  mark: string,
  columns: Readonly<Record<string, number | undefined>>,
): void {
  const known = Object.entries(columns).filter(([, length]) => length !== undefined);
  if (known.every(([, length]) => length === known[0]![1])) return;
  const given = known.map(([name, length]) => `${length} of ${name}`).join(', ');
  throw refuseOption('INVALID_SHAPE', `${mark} has ${given}`, 'as many of each');
}

/** @throws TweedieError INVALID_VALUE when a range is empty or not finite */
export function checkRange(what: string, range: readonly [number, number]): void {
  if (range.every(Number.isFinite) && range[0] < range[1]) return;
  throw refuseOption(
    'INVALID_VALUE',
    `${what} is [${range.join(', ')}]`,
    'two finite numbers, the lower one first',
  );
}
