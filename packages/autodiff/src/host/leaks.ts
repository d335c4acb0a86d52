import { memory } from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';

/** What a function left behind; negative where it disposed of what was there before. */
export interface Leaks {
  readonly tensors: number;
  /** Blocks of memory of the backend; several tensors may share one. */
  readonly dataBuffers: number;
}

/** Runs a function, awaits its result, and counts what it left behind. */
export async function measureLeaks(fn: () => unknown): Promise<Leaks> {
  const before = memory();
  await fn();
  const after = memory();
  return {
    tensors: after.numTensors - before.numTensors,
    dataBuffers: after.numDataBuffers - before.numDataBuffers,
  };
}

/**
 * Runs a function that must leave as many tensors as there were.
 *
 * @throws TweedieError INVALID_VALUE that says how many were left or disposed
 */
export async function expectNoLeak(fn: () => unknown): Promise<void> {
  const { tensors, dataBuffers } = await measureLeaks(fn);
  if (tensors === 0 && dataBuffers === 0) return;
  const many = tensors > 0 || (tensors === 0 && dataBuffers > 0);
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'autodiff',
    given: `${Math.abs(tensors)} tensors and ${Math.abs(dataBuffers)} data buffers ${many ? 'were left' : 'too many were disposed'}`,
    allowed: 'as many after as before',
    fix: many ? 'dispose of them, or compute inside tidy()' : 'leave the arguments to their owner',
  });
}
