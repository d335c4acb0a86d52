import '@tensorflow/tfjs-backend-cpu';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { valueAndGrad } from '@tweedie/autodiff';
import { TweedieError } from '@tweedie/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxBackend } from '../backend.js';
import { lowerings } from '../lowerings/index.js';
import { refusedKernels } from './refused-kernels.js';

const backend = onnxBackend({ threads: 1 });
beforeAll(() => tf.setBackend('cpu'));
afterAll(() => backend.dispose());

async function failure(fn: (x: Tensor) => unknown): Promise<TweedieError> {
  const error = await backend
    .compile(fn)(tf.tensor1d([1, 2, 2]))
    .catch((e: unknown) => e);
  if (!TweedieError.isInstance(error)) throw error;
  return error;
}

/** The line of this file that is `offset` lines below the call. */
function lineHere(offset: number): RegExp {
  const frame = new Error('here').stack!.split('\n')[2]!;
  const line = Number(/:(\d+):\d+\)?$/.exec(frame)![1]);
  return new RegExp(`errors\\.test\\.ts:${line + offset}:`);
}

describe("the line of the user's function", () => {
  it('where a kernel cannot be compiled, with why and what to do', async () => {
    const expected = lineHere(2);
    const error = await failure((x) => {
      const { values } = tf.unique(x);
      return values;
    });
    expect(error.code).toBe('UNSUPPORTED');
    expect(error.message).toMatch(/the kernel Unique of tfjs.*shape of its result follows from/);
    expect(error.message).toMatch(/Fix: return what it takes/);
    expect(error.message).toMatch(expected);
  });

  it('where values are read, deep in calls and tapes', async () => {
    const expected = lineHere(3);
    const nested = (x: Tensor, depth: number): Tensor => {
      if (depth > 0) return tf.tidy(() => nested(x, depth - 1));
      return tf.mul(x, x.dataSync()[0]!);
    };
    const slope = (x: Tensor) => valueAndGrad((p) => tf.sum(nested(p.x!, 20)))({ x }).grads.x!;
    const error = await failure(slope);
    expect(error.code).toBe('IMPURE_FUNCTION');
    expect(error.message).toMatch(expected);
  });

  it('where values are asked for', async () => {
    const expected = lineHere(2);
    const error = await failure((x) => {
      void x.data();
      return tf.neg(x);
    });
    expect(error.message).toMatch(/reads the values/);
    expect(error.message).toMatch(expected);
  });

  it('where random numbers come in, or the time', async () => {
    const expected = lineHere(3);
    const error = await failure((x) => {
      const y = tf.sin(x);
      const noisy = tf.add(y, tf.randomNormal([3]));
      return tf.square(noisy);
    });
    expect(error.code).toBe('IMPURE_FUNCTION');
    expect(error.message).toMatch(/traced twice.*draw random numbers outside.*clocks/);
    expect(error.message).toMatch(expected);
    const timed = await failure((x) => tf.mul(x, performance.now()));
    expect(timed.message).toMatch(/traced twice.*errors\.test\.ts/);
  });

  it('where a kernel draws', async () => {
    const expected = lineHere(1);
    const error = await failure((x) => tf.multinomial(x as tf.Tensor1D, 2, 5));
    expect(error.code).toBe('IMPURE_FUNCTION');
    expect(error.message).toMatch(/draws random numbers.*pass them as arguments/);
    expect(error.message).toMatch(expected);
  });

  it('leaves the length of stacks as it was', async () => {
    const before = Error.stackTraceLimit;
    await failure((x) => x.dataSync() as never);
    expect(Error.stackTraceLimit).toBe(before);
  });
});

describe('the kernels of tfjs', () => {
  const names = Object.entries(tf).flatMap(([name, value]) => (name === value ? [name] : []));
  const lowered = new Set(lowerings.map(({ kernelName }) => kernelName));

  it('are compiled or refused with a reason, each of them and none twice', () => {
    expect(names.length).toBeGreaterThan(150);
    expect(names.filter((name) => lowered.has(name) === name in refusedKernels)).toEqual([]);
  });

  it('are lowered once', () => {
    expect(lowered.size).toBe(lowerings.length);
  });

  it('are refused by the names that tfjs has', () => {
    expect(Object.keys(refusedKernels).filter((name) => !names.includes(name))).toEqual([]);
  });
});
