import { type DeviceName, isNode } from './devices.js';

/** Beyond this many threads the operations of small models only wait for one another. */
const MOST_THREADS = 16;
/** Each costs a browser a worker that holds the whole runtime. */
const MOST_WORKERS = 8;

/** As many threads as there are cores for this process, up to a point; one where memory cannot be shared. */
export function defaultThreads(device: DeviceName): number {
  // What the graphics processor leaves to the processor are small operations.
  if (device === 'webgpu') return 1;
  // Not imported, so that a bundle for browsers can hold this package.
  if (isNode) {
    const cores = process.getBuiltinModule('node:os').availableParallelism();
    return Math.min(device === 'cpu' ? MOST_THREADS : MOST_WORKERS, cores);
  }
  return globalThis.crossOriginIsolated ? Math.min(MOST_WORKERS, navigator.hardwareConcurrency) : 1;
}
