import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { normal } from '../agreement.testing.js';
import { onnxBackend } from '../backend.js';
import { train, workNamed } from '../web/work.testing.js';

const backend = onnxBackend({ device: 'wasm', threads: 1 });
beforeAll(() => tf.setBackend('cpu'));
afterAll(() => backend.dispose());

const numbers = async (x: tf.Tensor) => Array.from(await x.data());

it('WebAssembly in Node trains as the eager backend does', async () => {
  expect(backend.describe()).toMatchObject({ device: 'wasm', details: { threads: 1 } });
  const work = workNamed('tiny unet');
  const compiled = await train(work, backend.compile(work.step), 2);
  const eager = await train(work, async (...args) => tf.tidy(() => work.step(...args) as never), 2);
  const gap = compiled.parameters.map((x, i) => Math.abs(x - eager.parameters[i]!));
  // Parameters are of order 0.1; sums in another order round otherwise, in the last of 24 bits.
  expect(Math.max(...gap)).toBeLessThan(1e-5);
  expect(compiled.losses[1]! / eager.losses[1]!).toBeCloseTo(1, 5);
});

it('calls that overlap, of one function and of several, do not disturb one another', async () => {
  const matrix = backend.compile((x: tf.Tensor) => tf.matMul(x, x, false, true));
  const total = backend.compile((x: tf.Tensor) => tf.sum(tf.square(x)));
  const inputs = Array.from({ length: 6 }, (_, i) => normal(3 + (i % 3), 4));
  const results = await Promise.all(inputs.flatMap((x) => [matrix(x), total(x)]));
  const actual = await Promise.all(results.map(numbers));
  const expected = await Promise.all(
    inputs.flatMap((x) => [numbers(tf.matMul(x, x, false, true)), numbers(tf.sum(tf.square(x)))]),
  );
  actual.forEach((list, i) => {
    list.forEach((x, k) => {
      expect(x).toBeCloseTo(expected[i]![k]!, 4);
    });
  });
});

it('the threads are those that the first backend asked for', async () => {
  await backend.compile((x: tf.Tensor) => tf.neg(x))(tf.scalar(1));
  expect(onnxBackend({ device: 'wasm' }).describe().details).toMatchObject({ threads: 1 });
  const other = onnxBackend({ device: 'wasm', threads: 2 });
  await expect(other.compile((x: tf.Tensor) => tf.neg(x))(tf.scalar(1))).rejects.toThrow(
    /started with 1 threads, and 2 are asked for.*same `threads`/,
  );
  await other.dispose();
});

it("the blocked layout is the native library's", async () => {
  const blocked = onnxBackend({ device: 'wasm', layout: 'blocked', threads: 1 });
  await expect(blocked.compile((x: tf.Tensor) => tf.neg(x))(tf.scalar(1))).rejects.toMatchObject({
    code: 'UNSUPPORTED',
  });
});
