import { memory } from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';

/**
 * Runs a function and counts the tensors that it leaves behind (negative when it disposes of what
 * was there before).
 */
export async function countLeaks(fn: () => unknown): Promise<number> {
  const before = memory();
  await fn();
  const after = memory();
  return Math.max(
    after.numTensors - before.numTensors,
    after.numDataBuffers - before.numDataBuffers,
  );
}

/**
 * Runs a function that must leave no tensor behind.
 *
 * @throws TweedieError INVALID_VALUE that says how many were left
 */
export async function expectNoLeak(fn: () => unknown): Promise<void> {
  const left = await countLeaks(fn);
  if (left === 0) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'autodiff',
    given: left > 0 ? `${left} tensors were left` : `${-left} tensors too many were disposed`,
    allowed: 'as many tensors after as before',
  });
}
