import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { expectNoLeak, measureLeaks } from './leaks.js';

describe('measureLeaks', () => {
  it('counts tensors and the memory that they share', async () => {
    const kept: tf.Tensor[] = [];
    const leaks = await measureLeaks(async () => {
      const a = tf.ones([2, 3]);
      await a.data();
      kept.push(a, tf.reshape(a, [6]), tf.ones([1]));
    });
    expect(leaks).toEqual({ tensors: 3, dataBuffers: 2 });
    expect(await measureLeaks(() => tf.dispose(kept))).toEqual({ tensors: -3, dataBuffers: -2 });
  });
});

describe('expectNoLeak', () => {
  it('passes what disposes of its tensors', async () => {
    await expectNoLeak(() => tf.tidy(() => void tf.add(tf.ones([2]), 1)));
  });

  it('names how many were left', async () => {
    const kept: tf.Tensor[] = [];
    const run = expectNoLeak(() => kept.push(tf.ones([2]), tf.ones([3])));
    await expect(run).rejects.toThrow(/2 tensors and 2 data buffers were left/);
    await expect(run).rejects.toBeInstanceOf(TweedieError);
    tf.dispose(kept);
  });

  it('names how many too many were disposed', async () => {
    const t = tf.ones([2]);
    await expect(expectNoLeak(() => t.dispose())).rejects.toThrow(
      /1 tensors and 1 data buffers too many were disposed/,
    );
  });

  it('passes on what the function throws', async () => {
    await expect(expectNoLeak(() => Promise.reject(new Error('of its own')))).rejects.toThrow(
      'of its own',
    );
  });
});
