import '@tensorflow/tfjs-backend-cpu';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expectNoLeak, valueAndGrad } from '@tweedie/autodiff';
import { flattenTree, type Params } from '@tweedie/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normal } from '../agreement.testing.js';
import { onnxBackend } from '../backend.js';
import { exportOnnx } from '../export/export-onnx.js';
import { loadRuntime } from '../sessions/runtime.js';
import { sessionOptions } from '../sessions/settings.js';
import { createSessionWorker, type SessionWorker } from '../sessions/worker-session.js';
import { startWorkerThread, type WorkerThread } from '../sessions/worker-thread.js';
import { type CompileSettings, compileFunction } from './compile-function.js';

const inThread = onnxBackend({ threads: 1, worker: 'always' });
const here = onnxBackend({ threads: 1, worker: 'never' });
beforeAll(() => tf.setBackend('cpu'));
afterAll(() => Promise.all([inThread.dispose(), here.dispose()]));

const bits = (tree: unknown) =>
  flattenTree(tree).leaves.map((tensor: Tensor) =>
    Buffer.from(tensor.dataSync<'float32'>().slice()),
  );

/** Some hundred milliseconds of products. */
const heavy = (x: Tensor) => {
  let y = x;
  for (let i = 0; i < 12; i++) y = tf.mul(tf.matMul(y, x), 0.03);
  return y;
};

describe('a function in the worker thread', () => {
  it('gives the same bits as in the calling thread, for every type of argument', async () => {
    const fn = valueAndGrad(({ w }: Params, x: Tensor, pick: Tensor, keep: Tensor) =>
      tf.mean(tf.square(tf.where(tf.cast(keep, 'bool'), tf.gather(tf.matMul(x, w!), pick), 0))),
    );
    const more = (p: Params, x: Tensor, pick: Tensor, keep: Tensor) => ({
      step: fn(p, x, pick, keep),
      types: [tf.greater(x, 0), tf.add(pick, 1), tf.zeros([0, 3]), x],
    });
    const args = [
      { w: normal(7, 5) },
      normal(6, 7),
      tf.tensor1d([3, 1, 5], 'int32'),
      tf.tensor2d(
        [true, false, true].flatMap((row) => Array(5).fill(row)),
        [3, 5],
        'bool',
      ),
    ] as const;
    const expected = await here.compile(more)(...args);
    const actual = await inThread.compile(more)(...args);
    expect(bits(actual)).toEqual(bits(expected));
    expect(bits(actual).length).toBeGreaterThan(4);
  });

  it('leaves the event loop free', async () => {
    const x = normal(512, 512);
    const run = inThread.compile(heavy);
    tf.dispose(await run(x));
    let ticks = 0;
    let pending = true;
    const tick = () => {
      if (!pending) return;
      ticks += 1;
      setImmediate(tick);
    };
    setImmediate(tick);
    tf.dispose(await run(x));
    pending = false;
    // In the calling thread there would be two turns of the loop: one for the run, one to end it.
    expect(ticks).toBeGreaterThan(20);
  });

  it('answers many calls at once, each with its own result, and leaks nothing', async () => {
    const run = inThread.compile((x: Tensor, y: Tensor) => tf.sub(tf.mul(x, 2), y));
    await expectNoLeak(async () => {
      const results = await Promise.all(
        Array.from({ length: 50 }, async (_, i) => {
          const x = tf.fill([100], i);
          const y = tf.scalar(1);
          const pending = run(x, y);
          tf.dispose([x, y]);
          const result = await pending;
          const [number] = await result.data();
          result.dispose();
          return number;
        }),
      );
      expect(results).toEqual(Array.from({ length: 50 }, (_, i) => 2 * i - 1));
    });
  });

  it('finishes the calls under way when it is disposed', async () => {
    const backend = onnxBackend({ threads: 1, worker: 'always', cacheSize: 1 });
    const run = backend.compile(heavy);
    const square = backend.compile(tf.square<Tensor>);
    const calls = [run(normal(256, 256)), run(normal(128, 128)), square(normal(4))];
    // Not awaited: the backend waits for it too.
    void square.dispose();
    await backend.dispose();
    await expect(Promise.all(calls)).resolves.toHaveLength(3);
    // A function compiled afterwards starts the thread again.
    const [again] = await (await backend.compile(tf.square<Tensor>)(tf.scalar(3))).data();
    expect(again).toBe(9);
    await backend.dispose();
  });
});

describe('the worker', () => {
  it('lives on after an error, which comes as one that says what happened', async () => {
    const worker = createSessionWorker();
    const runtime = await loadRuntime('cpu');
    const options = sessionOptions({ device: 'cpu', threads: 1, spinning: false, arena: false });
    await expect(worker.createSession(runtime, Uint8Array.of(1, 2, 3), options)).rejects.toThrow(
      /protobuf|model/i,
    );
    const session = await worker.createSession(runtime, await negation(), options);
    const x = new runtime.Tensor('float32', Float32Array.of(1, 2), [2]);
    await expect(
      session.run({ input_0: new runtime.Tensor('float32', Float32Array.of(1, 2, 3), [3]) }),
    ).rejects.toThrow(/dimension/i);
    const { output_0 } = await session.run({ input_0: x });
    expect(output_0!.data).toEqual(Float32Array.of(-1, -2));
    await session.release();
    await worker.end();
  });

  it('that is closed rejects the calls that wait, and the next call starts another', async () => {
    const threads: WorkerThread[] = [];
    let begun = () => {};
    const worker = createSessionWorker(() => {
      const thread = startWorkerThread();
      threads.push(thread);
      return {
        ...thread,
        get hasEnded() {
          return thread.hasEnded;
        },
        call(task, ...rest) {
          if (task === 'run') begun();
          return thread.call(task, ...rest);
        },
      };
    });
    const run = compileFunction(heavy, settings('always', worker));
    const x = normal(256, 256);
    tf.dispose(await run(x));
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const first = run(x);
    const rejected = expect(run(x)).rejects.toMatchObject({
      code: 'ABORTED',
      message: expect.stringMatching(/worker thread .* has ended.*worker: 'never'/),
    });
    await hasBegun;
    await threads[0]!.end();
    await rejected;
    expect((await first).shape).toEqual([256, 256]);
    const result = await run(x);
    expect(result.shape).toEqual([256, 256]);
    expect(threads).toHaveLength(2);
    await run.dispose();
    await worker.end();
  });

  it("that cannot be started leaves 'auto' in the calling thread, and refuses 'always'", async () => {
    const worker = createSessionWorker(() => {
      throw new Error('threads are not allowed');
    });
    const compiled = (when: 'auto' | 'always') => compileFunction(heavy, settings(when, worker));
    const x = normal(512, 512);
    await expect(compiled('always')(x)).rejects.toMatchObject({
      code: 'MISSING_BACKEND',
      message: expect.stringMatching(/threads are not allowed/),
    });
    const auto = compiled('auto');
    expect((await auto(x)).shape).toEqual([512, 512]);
    await auto.dispose();
  });
});

function settings(worker: 'auto' | 'always', sessionWorker: SessionWorker): CompileSettings {
  return {
    device: 'cpu',
    threads: 1,
    spinning: false,
    arena: true,
    layout: 'standard',
    tensorBackend: 'cpu',
    cacheSize: 2,
    worker,
    sessionWorker,
  };
}

async function negation(): Promise<Uint8Array> {
  return exportOnnx((x: Tensor) => tf.neg(x), [tf.zeros([2])], {
    inputs: ['input_0'],
    outputs: ['output_0'],
  });
}
