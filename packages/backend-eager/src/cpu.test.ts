import { add, mean, memory, mul, scalar, square, tensor, tensor1d } from '@tensorflow/tfjs-core';
import { valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { cpuBackend } from './cpu.js';

describe('cpuBackend', () => {
  const backend = cpuBackend();

  it('describes itself', () => {
    expect(backend.name).toBe('cpu');
    expect(backend.tensorBackend).toBe('cpu');
    expect(backend.describe()).toEqual({ name: 'cpu', kind: 'eager', device: 'cpu', details: {} });
  });

  it('runs a function of trees, gradients included', async () => {
    const step = valueAndGrad((params: Params) => mean(square(params.w!)));
    const compiled = backend.compile((params: Params) => step(params));
    const w = tensor1d([1, 2, 3]);
    const { value, grads } = await compiled({ w });
    expect(await value.data()).toEqual(Float32Array.of(14 / 3));
    expect(Array.from(await grads.w!.data())).toEqual([2 / 3, 4 / 3, 2].map(Math.fround));
  });

  it('frees what it computes on the way and nothing else', async () => {
    const x = scalar(2);
    const outside = scalar(5);
    const compiled = backend.compile((t: typeof x) => [mul(add(t, 1), 3), t, outside] as const);
    const before = memory().numTensors;
    const results = await compiled(x);
    expect(memory().numTensors).toBe(before + 3);
    for (const result of results) result.dispose();
    expect(memory().numTensors).toBe(before);
    // What was passed and what was closed over is still alive.
    expect((await x.data())[0]).toBe(2);
    expect((await outside.data())[0]).toBe(5);
  });

  it('frees what was computed before an error', async () => {
    const x = tensor([1, 2], [2]);
    const compiled = backend.compile((t: typeof x) => {
      mul(t, 2);
      throw new Error('no');
    });
    const before = memory().numTensors;
    await expect(compiled(x)).rejects.toThrow('no');
    expect(memory().numTensors).toBe(before);
  });

  it('refuses an asynchronous function', async () => {
    const compiled = backend.compile(async (t: ReturnType<typeof scalar>) => t);
    await expect(compiled(scalar(1))).rejects.toMatchObject({ code: 'IMPURE_FUNCTION' });
  });

  it('takes no options', () => {
    expect(() => cpuBackend({ threads: 2 } as never)).toThrow(/no option 'threads'/);
  });
});
