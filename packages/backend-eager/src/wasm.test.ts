import {
  getBackend,
  matMul,
  mean,
  memory,
  setBackend,
  square,
  tensor1d,
  tensor2d,
  tidy,
} from '@tensorflow/tfjs-core';
import { groupNorm, silu, valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import { expect, it } from 'vitest';
import { cpuBackend } from './cpu.js';
import { wasmBackend } from './wasm.js';

it('agrees with the cpu backend, leaves the active backend as it was, and frees all', async () => {
  await setBackend('cpu');
  const wasm = await wasmBackend();
  expect(getBackend()).toBe('cpu');
  expect(wasm.describe()).toMatchObject({ name: 'wasm', kind: 'eager', device: 'wasm' });

  const loss = valueAndGrad(({ w, scale, offset }: Params) =>
    mean(square(groupNorm(silu(matMul(w!, w!, false, true)), scale!, offset!, { groups: 2 }))),
  );
  const run = async (backend: { compile: typeof wasm.compile; tensorBackend: string }) => {
    await setBackend(backend.tensorBackend);
    const params = tidy(() => ({
      w: tensor2d([0.3, -1.2, 0.7, 2.1, -0.4, 0.9, 1.1, -0.2], [4, 2]),
      scale: tensor1d([1, 2, 0.5, -1]),
      offset: tensor1d([0.1, 0.2, -0.3, 0.4]),
    }));
    const before = memory().numTensors;
    const { value, grads } = await backend.compile((p: Params) => loss(p))(params);
    const numbers = [value, ...Object.values(grads)].flatMap((t) => Array.from(t.dataSync()));
    for (const t of [value, ...Object.values(grads)]) t.dispose();
    expect(memory().numTensors).toBe(before);
    for (const t of Object.values(params)) t.dispose();
    return numbers;
  };
  const expected = await run(cpuBackend());
  const actual = await run(wasm);
  expect(actual).toHaveLength(17);
  actual.forEach((number, i) => {
    expect(number).toBeCloseTo(expected[i]!, 4);
  });
});
