/** Beyond this many threads the operations of small models only wait for one another. */
const MOST_THREADS = 16;

/** As many threads as there are cores for this process, up to a point. */
export function defaultThreads(): number {
  // Not imported, so that a bundle for browsers can hold this package.
  const cores =
    typeof process === 'undefined'
      ? navigator.hardwareConcurrency
      : process.getBuiltinModule('node:os').availableParallelism();
  return Math.min(MOST_THREADS, cores);
}
