import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportIteration } from './export-iteration.js';
import { exportOnnx } from './export-onnx.js';
import { openModel } from './open-model.js';

beforeAll(() => tf.setBackend('cpu'));

const twice = (x: Tensor, n: Tensor) => ({ sum: tf.add(x, x), whole: tf.add(n, n) });
const example = () => [tf.tensor1d([1.5, -2]), tf.tensor1d([3], 'int32')] as const;
const names = { inputs: ['x', 'n'], outputs: ['sum', 'whole'] };

describe.each(['cpu', 'wasm'] as const)('openModel on %s', (device) => {
  it('runs a model on tensors, and leaves none behind', async () => {
    const [x, n] = example();
    const model = await openModel(exportOnnx(twice, [x, n], names), { device });
    expect(model.inputs).toEqual([
      { name: 'x', type: 'float32', shape: [2] },
      { name: 'n', type: 'int32', shape: [1] },
    ]);
    expect(model.outputs.map(({ name }) => name)).toEqual(['sum', 'whole']);
    const before = tf.memory().numTensors;
    const { sum, whole } = await model.run({ x, n });
    expect([...sum!.dataSync()]).toEqual([3, -4]);
    expect([whole!.dtype, ...whole!.dataSync()]).toEqual(['int32', 6]);
    tf.dispose([sum!, whole!]);
    expect(tf.memory().numTensors).toBe(before);
    await expect(model.run({ x })).rejects.toThrow(/input 'n' is missing/);
    await expect(model.run({ x: n, n })).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    await model.dispose();
  });

  it('gives whole numbers to inputs of int64', async () => {
    const { model: bytes } = await exportIteration(
      {
        steps: 3,
        stateShape: [1],
        shared: { fn: (x: Tensor) => x, argumentTypes: [{ type: 'float32', shape: [1] }] },
        step: ({ carried, index }) => ({
          carried: [tf.add(carried[0]!, 10 ** index)],
          outputs: [],
        }),
      },
      { form: 'step', names: { state: 'x', draws: 'z', index: 'i', outputs: ['y'] } },
    );
    const model = await openModel(bytes, { device });
    const { y } = await model.run({ x: tf.zeros([1]), i: tf.scalar(2, 'int32') });
    expect([...y!.dataSync()]).toEqual([100]);
    await model.dispose();
  });
});

it('says what is no model', async () => {
  await expect(openModel(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({
    code: 'CORRUPT_FILE',
    message: expect.stringMatching(/does not take the model/),
  });
});
