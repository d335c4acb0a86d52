import '@tensorflow/tfjs-backend-cpu';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import { InferenceSession } from 'onnxruntime-node';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { normal } from '../agreement.testing.js';
import { onnxBackend } from '../backend.js';
import { createSessionWorker } from '../sessions/worker-session.js';
import { startWorkerThread } from '../sessions/worker-thread.js';
import { compileFunction } from './compile-function.js';

beforeAll(() => tf.setBackend('cpu'));
afterEach(() => vi.restoreAllMocks());

const where = ['never', 'always'] as const;

describe.each(where)('with worker: %s', (worker) => {
  it('thousands of training steps keep as many tensors as one', async () => {
    const backend = onnxBackend({ threads: 1, worker });
    const slope = valueAndGrad(({ w }: Params, x: Tensor) => tf.mean(tf.square(tf.matMul(x, w!))));
    const step = backend.compile(({ w }: { w: Tensor }, x: Tensor) => {
      const { value, grads } = slope({ w }, x);
      return { state: { w: tf.sub(w, tf.mul(grads.w!, 0.1)) }, value };
    });
    const x = normal(16, 8);
    let state: { w: Tensor } = { w: normal(8, 2) };
    let first = 0;
    for (let i = 0; i < 2000; i++) {
      const next = await step(state, x);
      tf.dispose([state.w, next.value]);
      state = next.state;
      if (i === 0) first = tf.memory().numTensors;
    }
    expect(tf.memory().numTensors).toBe(first);
    tf.dispose([x, state.w]);
    await backend.dispose();
  });

  it('what many compiled functions hold is let go with them', async () => {
    const backend = onnxBackend({ threads: 1, worker });
    const before = tf.memory().numTensors;
    const x = tf.ones([500_000]);
    let constants = 1;
    const turn = async (count: number) => {
      for (let i = 0; i < count; i++) {
        // A constant of two megabytes in each.
        const constant = tf.fill([500_000], constants++);
        const run = backend.compile((t: Tensor) => tf.sum(tf.mul(t, constant)));
        tf.dispose(await run(x));
        await run.dispose();
        constant.dispose();
      }
      return process.memoryUsage().rss;
    };
    const started = await turn(20);
    const ended = await turn(60);
    // Keeping the sessions or the constants would take 240 MB or more; a quarter of it is slack.
    expect(ended - started).toBeLessThan(60e6);
    x.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await backend.dispose();
  });
});

describe('sessions', () => {
  const ten = async (compile: () => ReturnType<typeof onnxBackend>['compile']) => {
    const run = compile()((x: Tensor) => tf.neg(x));
    // The cache holds two of ten shapes.
    for (let size = 1; size <= 10; size++) tf.dispose(await run(tf.zeros([size])));
    return run;
  };

  it('of the calling thread are each released once', async () => {
    const create = vi.spyOn(InferenceSession, 'create');
    const backend = onnxBackend({ threads: 1, worker: 'never', cacheSize: 2, layout: 'standard' });
    const run = await ten(() => backend.compile);
    const sessions = await Promise.all(
      create.mock.results.map(({ value }) => value as Promise<InferenceSession>),
    );
    expect(sessions).toHaveLength(10);
    // A session that was released says so when it is released again.
    const live = async () => {
      const releases = await Promise.allSettled(sessions.map((session) => session.release()));
      return releases.filter(({ status }) => status === 'fulfilled').length;
    };
    await run.dispose();
    await backend.dispose();
    expect(await live()).toBe(0);
  });

  it('of the worker are each released once', async () => {
    const tasks: string[] = [];
    const worker = createSessionWorker(() => {
      const thread = startWorkerThread();
      return {
        ...thread,
        get hasEnded() {
          return thread.hasEnded;
        },
        call(task, ...rest) {
          tasks.push(task);
          return thread.call(task, ...rest);
        },
      };
    });
    const run = await ten(
      () => (fn) =>
        compileFunction(fn, {
          device: 'cpu',
          threads: 1,
          spinning: false,
          arena: true,
          layout: 'standard',
          tensorBackend: 'cpu',
          cacheSize: 2,
          worker: 'always',
          sessionWorker: worker,
        }),
    );
    const count = (task: string) => tasks.filter((name) => name === task).length;
    expect(count('create')).toBe(10);
    expect(count('release')).toBe(8);
    await run.dispose();
    expect(count('release')).toBe(10);
    await worker.end();
  });
});
