import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { attention, conv2d, groupNorm, upsampleNearest, valueAndGrad } from '@tweedie/autodiff';
import type { Params } from '@tweedie/core';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { normal } from '../agreement.testing.js';
import { exportOnnx } from './export-onnx.js';

beforeAll(() => tf.setBackend('cpu'));

const feed = (x: Tensor) => new ort.Tensor('float32', x.dataSync<'float32'>(), x.shape);

describe('exportOnnx', () => {
  it('writes a model that runs without this package', async () => {
    const small = (...shape: number[]) => tf.mul(normal(...shape), 0.1);
    const weights = { w: small(32, 1, 3, 3), v: small(32, 32, 3, 3), scale: small(32) };
    const network = (x: Tensor) => {
      const h = conv2d(x, weights.w, undefined, { padding: 1 });
      const g = groupNorm(h, weights.scale, weights.scale, { groups: 4, activation: 'silu' });
      const up = upsampleNearest(conv2d(g, weights.v, undefined, { padding: 1, stride: 2 }), 2);
      const tokens = tf.reshape(tf.add(up, h), [2, 36, 32]);
      return attention(tokens, tokens, tokens);
    };
    const x = normal(2, 6, 6, 1);
    const model = exportOnnx(network, [x], { inputs: ['image'], outputs: ['tokens'] });
    const session = await ort.InferenceSession.create(model);
    expect([session.inputNames, session.outputNames]).toEqual([['image'], ['tokens']]);
    const { tokens } = await session.run({ image: feed(x) });
    const expected = network(x);
    expect(tokens!.dims).toEqual(expected.shape);
    const numbers = expected.dataSync();
    (tokens!.data as Float32Array).forEach((number, i) => {
      expect(number).toBeCloseTo(numbers[i]!, 3);
    });
  });

  it('holds gradients, in operators of the standard alone', async () => {
    const step = valueAndGrad(({ w, q }: Params, x: Tensor) => {
      const h = conv2d(x, w!, undefined, { padding: 1 });
      const t = tf.reshape(h, [16, 16, 16]);
      return tf.mean(tf.square(attention(t, t, q!)));
    });
    const params = { w: normal(16, 16, 3, 3), q: normal(16, 16, 4) };
    const model = exportOnnx(step, [params, normal(16, 4, 4, 16)]);
    // A domain of an operator set would stand in the bytes.
    expect(new TextDecoder('latin1').decode(model)).not.toContain('com.microsoft');
    const session = await ort.InferenceSession.create(model);
    expect(session.inputNames).toEqual(['input_0', 'input_1', 'input_2']);
    expect(session.outputNames).toEqual(['output_0', 'output_1', 'output_2']);
  });

  it('says what it is, without a change of what it does', () => {
    const x = normal(3);
    const fn = (t: Tensor) => tf.neg(t);
    const names = { inputs: ['x'], outputs: ['y'] };
    const notes = {
      documentation: 'turns signs',
      descriptions: { x: 'any three numbers', y: 'the same, turned' },
      metadata: { origin: 'a test', steps: '3' },
    };
    const plain = new TextDecoder('latin1').decode(exportOnnx(fn, [x], names));
    const noted = new TextDecoder('latin1').decode(exportOnnx(fn, [x], { ...names, ...notes }));
    const texts = ['turns signs', 'any three numbers', 'the same, turned', 'origin', 'a test'];
    for (const text of texts) {
      expect(plain).not.toContain(text);
      expect(noted).toContain(text);
    }
  });

  it('is the same each time', () => {
    const x = normal(3, 4);
    const fn = (t: Tensor) => tf.tanh(tf.matMul(t, t, false, true));
    expect(exportOnnx(fn, [x])).toEqual(exportOnnx(fn, [x]));
  });

  it('wants a name for each tensor', () => {
    const fn = (a: Tensor, b: Tensor) => tf.add(a, b);
    const x = normal(3);
    expect(() => exportOnnx(fn, [x, x], { inputs: ['a'] })).toThrow(
      /names of inputs are a.*2 diff/,
    );
    expect(() => exportOnnx(fn, [x, x], { inputs: ['a', 'a'] })).toThrow(/2 different names/);
    expect(() => exportOnnx(fn, [x, x], { outputs: [] })).toThrow(/names of outputs.*1 different/);
  });
});
