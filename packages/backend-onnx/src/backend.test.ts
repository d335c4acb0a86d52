import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { expectNoLeak, valueAndGrad } from '@tweedie/autodiff';
import { type Params, TweedieError } from '@tweedie/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normal } from './agreement.testing.js';
import { onnxBackend } from './backend.js';

const backend = onnxBackend({ threads: 2 });
beforeAll(() => tf.setBackend('cpu'));
afterAll(() => backend.dispose());

const numbers = async (x: Tensor) => Array.from(await x.data());

describe('onnxBackend', () => {
  it('describes itself', () => {
    expect(backend.name).toBe('onnx');
    expect(backend.tensorBackend).toBe('cpu');
    expect(backend.describe()).toMatchObject({
      name: 'onnx',
      kind: 'compiled',
      device: 'cpu',
      details: { threads: 2, spinning: false, arena: true, cacheSize: 8 },
    });
  });

  it('refuses options outside their range', () => {
    expect(() => onnxBackend({ threads: 0 })).toThrow(/threads is 0.*at least 1/);
    expect(() => onnxBackend({ thread: 1 } as never)).toThrow(/Did you mean 'threads'/);
  });

  it('takes and gives trees of tensors', async () => {
    const run = backend.compile(
      (a: Tensor, rest: { b: Tensor; list: readonly Tensor[]; none?: undefined }) => ({
        sum: [tf.add(a, rest.b), undefined, { first: rest.list[0]! }],
      }),
    );
    const result = await run(tf.scalar(1), { b: tf.scalar(2), list: [tf.scalar(3), tf.scalar(4)] });
    const [sum, none, { first }] = result.sum as [Scalar, undefined, { first: Scalar }];
    expect([await numbers(sum), none, await numbers(first)]).toEqual([[3], undefined, [3]]);
  });

  it('returns arguments, constants and one tensor twice as tensors of their own', async () => {
    const run = backend.compile((x: Tensor) => {
      const y = tf.mul(x, 2);
      return [x, y, y, tf.scalar(5), tf.fill([2], 3)];
    });
    const x = tf.tensor1d([1, 2]);
    const results = await run(x);
    expect(await Promise.all(results.map(numbers))).toEqual([[1, 2], [2, 4], [2, 4], [5], [3, 3]]);
    tf.dispose(results);
    expect(await numbers(x)).toEqual([1, 2]);
  });

  it('reads arguments that live on the cpu backend without a copy, and does not change them', async () => {
    const data = Float32Array.of(1, 2, 3);
    const x = tf.tensor1d(data);
    const run = backend.compile((t: Tensor) => tf.mul(t, t));
    expect(await numbers(await run(x))).toEqual([1, 4, 9]);
    expect(data).toEqual(Float32Array.of(1, 2, 3));
  });

  it('lets the caller dispose the arguments at once', async () => {
    const run = backend.compile((t: Tensor) => tf.add(t, 1));
    const x = tf.tensor1d([1, 2]);
    const pending = run(x);
    x.dispose();
    expect(await numbers(await pending)).toEqual([2, 3]);
  });

  it('leaves no tensor behind, whether tracing, running or failing', async () => {
    const step = backend.compile(
      valueAndGrad(({ w }: Params, x: Tensor) => tf.mean(tf.square(tf.matMul(x, w!)))),
    );
    const w = normal(3, 2);
    const x = normal(4, 3);
    const fails = backend.compile((t: Tensor) => tf.mul(tf.add(t, 1), t.dataSync()[0]!));
    const once = async () => {
      const { value, grads } = await step({ w }, x);
      tf.dispose([value, grads.w!]);
    };
    await expectNoLeak(once);
    await expectNoLeak(once);
    await expectNoLeak(() => expect(fails(x)).rejects.toThrow());
  });

  it('gives bit-identical results each time', async () => {
    const step = backend.compile(
      valueAndGrad(({ w }: Params, x: Tensor) =>
        tf.mean(tf.square(tf.sigmoid(tf.matMul(tf.tanh(tf.matMul(x, w!)), w!, false, true)))),
      ),
    );
    const w = normal(64, 48);
    const x = normal(96, 64);
    const first = await step({ w }, x);
    for (let i = 0; i < 5; i++) {
      const again = await step({ w }, x);
      expect(await again.value.data()).toEqual(await first.value.data());
      expect(await again.grads.w!.data()).toEqual(await first.grads.w!.data());
    }
  });

  it('keeps memory flat over thousands of runs', async () => {
    const run = backend.compile((state: Tensor, x: Tensor) => tf.add(tf.mul(state, 0.5), x));
    const x = normal(25_000);
    let state: Tensor = tf.zeros([25_000]);
    const turn = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const next = await run(state, x);
        state.dispose();
        state = next;
      }
      return process.memoryUsage().rss;
    };
    const before = await turn(1000);
    const after = await turn(3000);
    // Keeping the results would take 300 MB; the garbage collector's slack is a tenth of that.
    expect(after - before).toBeLessThan(60e6);
  });
});

describe('programs', () => {
  it('are traced once for each set of structure, shapes and types', async () => {
    let traces = 0;
    const run = backend.compile((x: Tensor | { x: Tensor }) => {
      traces += 1;
      const t = 'x' in x ? x.x : x;
      return tf.add(t, t);
    });
    const traced = async (x: Tensor | { x: Tensor }) => {
      const before = traces;
      tf.dispose(await run(x));
      return traces > before;
    };
    expect(await traced(tf.tensor1d([1, 2]))).toBe(true);
    expect(await traced(tf.tensor1d([3, 4]))).toBe(false);
    expect(await traced(tf.tensor1d([1, 2, 3]))).toBe(true);
    expect(await traced(tf.tensor2d([[1, 2]]))).toBe(true);
    expect(await traced(tf.tensor1d([1, 2], 'int32'))).toBe(true);
    expect(await traced({ x: tf.tensor1d([1, 2]) })).toBe(true);
    expect(await traced(tf.tensor1d([5, 6]))).toBe(false);
  });

  it('are kept up to cacheSize, the least recently used dropped first', async () => {
    const small = onnxBackend({ threads: 1, cacheSize: 2 });
    let traces = 0;
    const run = small.compile((x: Tensor) => {
      traces += 1;
      return tf.neg(x);
    });
    const tracedAt = async (size: number) => {
      const before = traces;
      tf.dispose(await run(tf.ones([size])));
      return traces > before;
    };
    expect([await tracedAt(1), await tracedAt(2), await tracedAt(1)]).toEqual([true, true, false]);
    expect([await tracedAt(3), await tracedAt(1), await tracedAt(2)]).toEqual([true, false, true]);
    await small.dispose();
  });

  it('of calls at the same time are shared, and finish when evicted or disposed meanwhile', async () => {
    const small = onnxBackend({ threads: 1, cacheSize: 1 });
    const run = small.compile((x: Tensor) => tf.square(x));
    const pending = [1, 2, 1, 2, 2].map((size) => run(tf.fill([size], 3)));
    await Promise.resolve();
    const disposing = run.dispose();
    const results = await Promise.all(pending);
    expect(await Promise.all(results.map(numbers))).toEqual([[9], [9, 9], [9], [9, 9], [9, 9]]);
    await disposing;
    await expect(run(tf.scalar(1))).rejects.toThrow(/after it was disposed/);
  });

  it('are freed with their backend', async () => {
    const own = onnxBackend({ threads: 1 });
    const run = own.compile((x: Tensor) => tf.square(x));
    tf.dispose(await run(tf.scalar(2)));
    await own.dispose();
    await expect(run(tf.scalar(2))).rejects.toMatchObject({ code: 'INVALID_VALUE' });
  });
});

describe('tensors from outside', () => {
  it('become constants, with the values that they had at the first call', async () => {
    const outside = tf.variable(tf.tensor1d([10, 20]));
    const run = backend.compile((x: Tensor) => tf.add(x, outside));
    expect(await numbers(await run(tf.tensor1d([1, 2])))).toEqual([11, 22]);
    outside.assign(tf.tensor1d([0, 0]));
    expect(await numbers(await run(tf.tensor1d([1, 2])))).toEqual([11, 22]);
    // The tensor stays where it was, and usable.
    expect(await numbers(tf.add(outside, 1) as Tensor1D)).toEqual([1, 1]);
  });

  it('may be returned as they are', async () => {
    const outside = tf.tensor1d([1, 2], 'int32');
    const results = await backend.compile(() => [outside, outside])();
    expect(await Promise.all(results.map(numbers))).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(results[0]!.dtype).toBe('int32');
    tf.dispose(results);
    expect(outside.isDisposed).toBe(false);
  });
});

describe('functions that cannot be compiled', () => {
  const failure = async (fn: (x: Tensor) => unknown): Promise<TweedieError> => {
    const error = await backend
      .compile(fn)(tf.tensor1d([1, 2]))
      .catch((e: unknown) => e);
    expect(tf.getBackend()).toBe('cpu');
    if (!TweedieError.isInstance(error)) throw error;
    return error;
  };
  let counter = 0;

  it.each<[string, (x: Tensor) => unknown, RegExp]>([
    ['dataSync', (x) => tf.mul(x, x.dataSync()[0]!), /reads the values.*return the tensor/],
    ['arraySync', (x) => tf.mul(x, (x.arraySync() as number[])[0]!), /reads the values/],
    ['data', (x) => [void x.data(), tf.neg(x)][1], /reads the values/],
    ['a promise', async (x) => tf.neg(x), /returns a promise/],
    ['a promise that reads', async (x) => tf.neg((await x.data())[0]!), /reads the values/],
    [
      'random numbers of tfjs',
      (x) => tf.add(x, tf.randomNormal([2])),
      /draw random numbers outside/,
    ],
    ['dropout', (x) => tf.dropout(x, 0.5), /traced twice/],
    ['Math.random', (x) => tf.mul(x, Math.random()), /traced twice/],
    ['a counter', (x) => tf.mul(x, counter++), /traced twice/],
    [
      'another compiled function, not awaited',
      (x) => [void backend.compile(tf.neg)(x), tf.neg(x)][1],
      /being traced.*call the plain function/,
    ],
    [
      'another compiled function',
      (x) => backend.compile(tf.neg)(x),
      /called inside a function that is being traced/,
    ],
  ])('%s', async (_name, fn, message) => {
    const error = await failure(fn);
    expect(error.code).toBe('IMPURE_FUNCTION');
    expect(error.message).toMatch(message);
  });

  it('a tensor kept from an earlier trace', async () => {
    let kept: Tensor | undefined;
    const error = await failure((x) => {
      const y = kept === undefined ? tf.neg(x) : tf.add(kept, x);
      kept = tf.keep(tf.clone(y));
      return y;
    });
    expect(error.code).toBe('IMPURE_FUNCTION');
    expect(error.message).toMatch(/kept from an earlier call/);
  });

  it('kernels without a lowering, by name', async () => {
    const error = await failure((x) => tf.unique(x).values);
    expect(error.code).toBe('UNSUPPORTED');
    expect(error.message).toMatch(/Unique/);
  });

  it('strings and complex numbers', async () => {
    expect((await failure((x) => tf.complex(x, x))).code).toBe('UNSUPPORTED');
    const run = backend.compile((x: Tensor) => x);
    await expect(run(tf.tensor1d(['a']))).rejects.toThrow(/string.*float32, int32 and bool/);
  });

  it('disposed arguments, and arguments that are no tensors', async () => {
    const run = backend.compile((x: Tensor) => tf.neg(x));
    const x = tf.scalar(1);
    x.dispose();
    await expect(run(x)).rejects.toThrow(/is disposed/);
    await expect(run(3 as never)).rejects.toThrow(/the number 3/);
  });

  it('what they throw themselves comes through', async () => {
    const run = backend.compile(() => {
      throw new RangeError('mine');
    });
    await expect(run()).rejects.toThrow(RangeError);
    // And the next function is compiled as if nothing had happened.
    expect(await numbers(await backend.compile((x: Tensor) => tf.neg(x))(tf.scalar(1)))).toEqual([
      -1,
    ]);
  });
});
