import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { floats, type HostParams } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { valueAndGrad } from '../differentiation/value-and-grad.js';
import { expectNoLeak } from '../host/leaks.js';
import { disposeTree, toTensor } from '../host/transfer.js';
import { createParameterLayout } from './parameter-layout.js';

const params: HostParams = {
  'conv.weight': floats([1, 2, 3, 4, 5, 6], [3, 2]),
  'conv.bias': floats([7, 8]),
  constructor: floats([9], []),
};
const layout = createParameterLayout(params);

describe('a layout of parameters', () => {
  it('keeps the order of their declaration', () => {
    expect(layout.names).toEqual(['conv.weight', 'conv.bias', 'constructor']);
    expect(layout.shapes['conv.weight']).toEqual([3, 2]);
    expect(layout.size).toBe(9);
    const shuffled = Object.fromEntries(Object.entries(params).reverse());
    expect([...layout.pack(shuffled).data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('packs and unpacks on the host, as copies', () => {
    const flat = layout.pack(params);
    expect(flat.shape).toEqual([9]);
    const unpacked = layout.unpackHost(flat.data);
    expect(unpacked).toEqual(params);
    unpacked['conv.bias']!.data[0] = -1;
    expect(flat.data[6]).toBe(7);
  });

  it('unpacks and flattens tensors', () => {
    tf.tidy(() => {
      const flat = toTensor(layout.pack(params));
      const unpacked = layout.unpack(flat);
      expect(Object.keys(unpacked)).toEqual(layout.names);
      expect(unpacked['conv.weight']!.arraySync()).toEqual([
        [1, 2],
        [3, 4],
        [5, 6],
      ]);
      expect((unpacked.constructor as unknown as tf.Tensor).shape).toEqual([]);
      expect([...layout.flatten(unpacked).dataSync()]).toEqual([...flat.dataSync()]);
    });
  });

  it('sends the gradient back to the flat vector by one concat', async () => {
    const flat = toTensor(layout.pack(params));
    const step = () =>
      tf.tidy(
        () =>
          valueAndGrad(({ flat }) => {
            const p = layout.unpack(flat!);
            return tf.addN(Object.values(p).map((t) => tf.sum(tf.square(t))));
          })({ flat }).grads.flat!,
      );
    const grad = step();
    expect([...grad.dataSync()]).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18]);
    const { kernelNames, result } = await tf.profile(step);
    expect(kernelNames).toEqual(expect.arrayContaining(['SplitV', 'Concat']));
    expect(kernelNames).not.toContain('Slice');
    expect(kernelNames).not.toContain('PadV2');
    disposeTree([flat, grad, result as tf.Tensor]);
  });

  it('holds a single parameter, and one without elements', () => {
    tf.tidy(() => {
      const one = createParameterLayout({ w: floats([1, 2, 3, 4], [2, 2]) });
      const flat = toTensor(one.pack({ w: floats([1, 2, 3, 4], [2, 2]) }));
      const { grads } = valueAndGrad((p) => tf.sum(tf.square(one.unpack(p.flat!).w!)))({ flat });
      expect([...grads.flat!.dataSync()]).toEqual([2, 4, 6, 8]);
      expect(one.flatten(one.unpack(flat)).shape).toEqual([4]);
    });
    const empty = createParameterLayout({ none: floats([], [0, 3]), some: floats([1]) });
    expect(empty.unpackHost(new Float32Array([5]))).toEqual({
      none: floats([], [0, 3]),
      some: floats([5]),
    });
  });

  it('leaves nothing behind but its results', async () => {
    const flat = toTensor(layout.pack(params));
    await expectNoLeak(() => {
      const unpacked = layout.unpack(flat);
      disposeTree([layout.flatten(unpacked), unpacked]);
    });
    expect(flat.isDisposed).toBe(false);
    flat.dispose();
  });

  it.each<[string, () => unknown, RegExp]>([
    ['no parameters', () => createParameterLayout({}), /no parameters/],
    [
      'a missing parameter',
      () => layout.pack({ 'conv.weight': params['conv.weight']! }),
      /'conv\.bias' is missing.*conv\.weight, conv\.bias, constructor/,
    ],
    [
      'a missing parameter that every object seems to have',
      () => layout.pack(Object.fromEntries(Object.entries(params).slice(0, 2))),
      /'constructor' is missing/,
    ],
    [
      'an unknown parameter',
      () => layout.pack({ ...params, toString: floats([1]) }),
      /no parameter 'toString'/,
    ],
    [
      'a parameter of another shape',
      () => layout.pack({ ...params, 'conv.weight': floats([1, 2, 3, 4, 5, 6], [2, 3]) }),
      /'conv\.weight' has the shape \[2, 3\].*\[3, 2\]/,
    ],
    [
      'data that do not fill the shape',
      () => layout.pack({ ...params, 'conv.bias': { data: new Float32Array(3), shape: [2] } }),
      /holds 2 values and the data 3/,
    ],
    [
      'a flat vector of another length',
      () => layout.unpackHost(new Float32Array(8)),
      /\[8\].*\[9\]/,
    ],
    [
      'a flat tensor of another shape',
      () => tf.tidy(() => layout.unpack(tf.zeros([3, 3]))),
      /\[3, 3\].*\[9\]/,
    ],
    [
      'tensors of another shape',
      () =>
        tf.tidy(() =>
          layout.flatten({ ...layout.unpack(tf.zeros([9])), 'conv.bias': tf.zeros([3]) }),
        ),
      /'conv\.bias' has the shape \[3\].*\[2\]/,
    ],
  ])('refuses %s', (_name, run, message) => {
    expect(run).toThrow(message);
  });
});
