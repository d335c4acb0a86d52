/** Code that stands between a user's function and the place where an error is made. */
const library = [
  /@tensorflow/,
  /[\\/]tfjs(?:-[a-z]+)*(?:@[\d.]+)?[\\/]/,
  /[\\/](?:autodiff|backend-onnx)[\\/](?:src|dist)[\\/]/,
  /[\\/]\.vite[\\/]deps[\\/]/,
  /^node:/,
];
const isTest = /\.test\.[cm]?[jt]sx?$/;

/** Where a line of a stack points, in the forms of V8, Firefox and Safari. */
const place =
  /(?:\(|@|at (?:async )?)((?:file:\/\/|https?:\/\/|node:|\/|[A-Za-z]:[\\/]).*?):(\d+):(\d+)\)?$/;

const pathOf = (address: string) =>
  address.startsWith('file://')
    ? decodeURIComponent(new URL(address).pathname).replace(/^\/([A-Za-z]:)/, '$1')
    : address.replace(/\?.*$/, '');

/**
 * The line of the user's function that a stack passed through last: the first frame outside tfjs and
 * what compiles, as 'file:line:column'.
 */
export function userLine(stack: string | undefined = new Error('here').stack): string | undefined {
  for (const line of stack?.split('\n') ?? []) {
    const found = place.exec(line.trim());
    if (found === null) continue;
    const path = pathOf(found[1]!);
    if (library.some((part) => part.test(path)) && !isTest.test(path)) continue;
    return `${path}:${found[2]}:${found[3]}`;
  }
  return undefined;
}

/** As part of a sentence, or nothing where the line is not known. */
export const at = (line: string | undefined) => (line === undefined ? '' : ` (at ${line})`);

/** Frames between a user's line and an error: tidies, operations and tapes, one in another. */
const DEEP_ENOUGH = 200;

/** Runs a function while stacks are long enough to reach its lines. */
export function withLongStacks<T>(run: () => T): T {
  // Of V8 alone; elsewhere stacks are whole.
  const limits = Error as { stackTraceLimit?: number };
  const before = limits.stackTraceLimit;
  if (before === undefined || before >= DEEP_ENOUGH) return run();
  limits.stackTraceLimit = DEEP_ENOUGH;
  try {
    return run();
  } finally {
    limits.stackTraceLimit = before;
  }
}
