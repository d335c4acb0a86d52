/** What kind of thing went wrong; programs branch on this, people read the message. */
export type ErrorCode =
  | 'INVALID_OPTION'
  | 'INVALID_SHAPE'
  | 'INVALID_VALUE'
  | 'UNKNOWN_NAME'
  | 'NOT_FINITE'
  | 'MISSING_BACKEND'
  | 'MISSING_DATA'
  | 'CORRUPT_FILE'
  | 'IO'
  | 'LOCKED'
  | 'ABORTED'
  | 'UNSUPPORTED'
  | 'IMPURE_FUNCTION';

export interface ErrorDetails {
  readonly code: ErrorCode;
  /** Who speaks, without the scope: 'samplers', 'training'. */
  readonly package: string;
  /** What was given, as a sentence without a full stop: 'steps is 0'. */
  readonly given: string;
  /** What would be right: 'an integer of at least 1'. */
  readonly allowed?: string;
  /** What to do about it: 'pass --steps 50'. */
  readonly fix?: string;
  /** The name that was probably meant, of those that are allowed. */
  readonly suggestion?: string | undefined;
  readonly cause?: unknown;
}

const marker = Symbol.for('tweedie.error');

/** Longer than any sentence of ours: what is beyond is a value or a name, perhaps of a file. */
const longest = 2000;

/** Cut to a length that people read, and without characters that a terminal would obey. */
function readable(sentence: string): string {
  const { length } = sentence;
  const short =
    length <= longest ? sentence : `${sentence.slice(0, longest)}… (${length} characters)`;
  return short.replace(/\p{Cc}/gu, (control) =>
    control === '\n' ? control : `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * The one error class of Tweedie: bad input, a file that cannot be read, a backend that is not
 * there. Its message says what was given, what is allowed and what to do.
 */
export class TweedieError extends Error {
  readonly code: ErrorCode;
  readonly package: string;
  readonly [marker] = true;

  constructor(details: ErrorDetails) {
    const parts = [`[${details.package}] ${readable(details.given)}.`];
    if (details.allowed !== undefined) parts.push(`Allowed: ${readable(details.allowed)}.`);
    if (details.suggestion !== undefined) parts.push(`Did you mean '${details.suggestion}'?`);
    if (details.fix !== undefined) parts.push(`Fix: ${readable(details.fix)}.`);
    super(parts.join(' '), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'TweedieError';
    this.code = details.code;
    this.package = details.package;
  }

  /** True also for an error that another copy of this package made. */
  static isInstance(value: unknown): value is TweedieError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}

/**
 * Throws ABORTED when the signal is aborted; long work calls this between its steps.
 *
 * @throws TweedieError ABORTED
 */
export function throwIfAborted(signal: AbortSignal | undefined, packageName: string): void {
  if (signal?.aborted !== true) return;
  throw new TweedieError({
    code: 'ABORTED',
    package: packageName,
    given: 'the work was aborted by its AbortSignal',
    cause: signal.reason,
  });
}

/**
 * The name of a list that is nearest to `name`, for 'did you mean': at most 3 edits away, and at
 * most half of its letters.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = 4;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance && distance <= Math.max(name.length, candidate.length) / 2) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
