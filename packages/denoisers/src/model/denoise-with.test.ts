import '@tensorflow/tfjs-backend-cpu';
import {
  add,
  mul,
  reshape,
  scalar,
  sum,
  type Tensor,
  tensor1d,
  tensor2d,
} from '@tensorflow/tfjs-core';
import { expectNoLeak, valueAndGrad } from '@tweedie/autodiff';
import { floats, type Network } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { denoiseWith } from './denoise-with.js';

/** F(x; t, label) = a·x + t + label. */
const affine: Network = {
  name: 'affine',
  config: {},
  itemShape: [2],
  classes: 3,
  init: () => ({ a: floats([0.5], []) }),
  apply: (params, x, { time, label }) =>
    add(mul(params.a!, x), reshape(add(time, label ?? 0), [x.shape[0]!, 1])),
};
const params = { a: scalar(0.5) };
const x = tensor2d([
  [0.3, -1],
  [2, 0.5],
]);
const numbers = { skip: 0.7, out: -0.2, in: 1.5, noise: 0.25 };
const tensors = { skip: scalar(0.7), out: scalar(-0.2), in: scalar(1.5), noise: scalar(0.25) };

describe('denoiseWith', () => {
  it('is c_skip x + c_out F(c_in x; c_noise), of numbers as of tensors', async () => {
    const label = tensor1d([2, 0], 'int32');
    const expected = [0.3, -1, 2, 0.5].map(
      (value, i) => 0.7 * value - 0.2 * (0.5 * 1.5 * value + 0.25 + (i < 2 ? 2 : 0)),
    );
    for (const coefficients of [numbers, tensors, { ...tensors, in: 1.5 }]) {
      const y = await denoiseWith(affine, params, x, coefficients, label).data();
      y.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 6);
      });
    }
  });

  it("is the network's output where no coefficient changes anything", async () => {
    const time = tensor1d([0.25, 0.25]);
    const y = denoiseWith(affine, params, x, { skip: 0, out: 1, in: 1, noise: 0.25 });
    expect(await y.data()).toEqual(await affine.apply(params, x, { time }).data());
    // x itself goes in, and what comes out comes back: no operation is added.
    const through: Network = { ...affine, apply: (_params, image) => image };
    const same = denoiseWith(through, params, x, { skip: 0, out: 1, in: 1, noise: 0 });
    expect(same.dataId).toBe(x.dataId);
    expect(same).not.toBe(x);
  });

  it('differentiates with respect to parameters', async () => {
    const loss = (given: { readonly [name: string]: Tensor }) =>
      sum(denoiseWith(affine, given, x, tensors));
    const { grads } = valueAndGrad(loss)(params);
    expect((await grads.a!.data())[0]).toBeCloseTo(-0.2 * 1.5 * (0.3 - 1 + 2 + 0.5), 6);
  });

  it('leaves nothing but its result', async () => {
    await expectNoLeak(() => denoiseWith(affine, params, x, numbers).dispose());
    await expectNoLeak(() => denoiseWith(affine, params, x, tensors).dispose());
  });

  it('refuses a network whose output has another shape', async () => {
    const summing: Network = { ...affine, apply: (_params, image) => sum(image, 1, true) };
    await expectNoLeak(() => {
      expect(() => denoiseWith(summing, params, x, numbers)).toThrow(
        'the network affine makes [2, 1] of [2, 2]',
      );
    });
  });
});
