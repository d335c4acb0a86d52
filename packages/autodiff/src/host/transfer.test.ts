import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { floats, hostArray, ints } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { expectNoLeak } from './leaks.js';
import { disposeTree, toHost, toTensors } from './transfer.js';

describe('between host and backend', () => {
  it('carries floats, whole numbers and scalars there and back', async () => {
    await expectNoLeak(async () => {
      const hosts = {
        x: floats([1.5, -2, 3, 4, 5, 6], [2, 3]),
        label: ints([7, 8]),
        rate: floats([0.25], []),
      };
      const tensors = toTensors(hosts);
      expect([tensors.x!.dtype, tensors.label!.dtype]).toEqual(['float32', 'int32']);
      for (const [name, host] of Object.entries(hosts)) {
        expect(await toHost(tensors[name]!)).toEqual(host);
      }
      disposeTree(tensors);
    });
  });

  it('gives booleans as whole numbers', async () => {
    const mask = tf.tensor1d([true, false, true]);
    expect(await toHost(mask)).toEqual(hostArray(Int32Array.of(1, 0, 1), [3]));
    mask.dispose();
  });

  it('gives a copy', async () => {
    const t = tf.tensor1d([1, 2]);
    const host = await toHost(t);
    host.data[0] = 9;
    expect([...t.dataSync()]).toEqual([1, 2]);
    t.dispose();
  });

  it('refuses strings', async () => {
    const t = tf.tensor1d(['a']);
    await expect(toHost(t)).rejects.toThrow(/type is string/);
    t.dispose();
  });
});

describe('disposeTree', () => {
  it('disposes of each tensor, also of one that stands twice in the tree', async () => {
    await expectNoLeak(() => {
      const shared = tf.ones([2]);
      disposeTree({ a: [shared, tf.ones([3])], b: { c: shared }, none: undefined });
      disposeTree({ a: shared });
    });
  });
});
