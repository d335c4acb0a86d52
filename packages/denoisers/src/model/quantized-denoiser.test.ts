import '@tensorflow/tfjs-backend-cpu';
import { add, mul, reshape, type Tensor, tensor2d } from '@tensorflow/tfjs-core';
import { expectNoLeak } from '@tweedie/autodiff';
import {
  type Backend,
  createRng,
  edmPreconditioning,
  floats,
  ints,
  levelAt,
  type Model,
  type Network,
  type PureFunction,
} from '@tweedie/core';
import { vp } from '@tweedie/schedules';
import { describe, expect, it } from 'vitest';
import { createDenoiser } from './create-denoiser.js';
import { quantizedDenoiser } from './quantized-denoiser.js';

const schedule = vp();

/** F(x; t, label) = a·x + t + label. */
const affine: Network = {
  name: 'affine',
  config: {},
  itemShape: [2],
  classes: 10,
  init: () => ({ a: floats([0.5], []) }),
  apply: (params, x, { time, label }) =>
    add(mul(params.a!, x), reshape(add(time, mul(label!, 1)), [x.shape[0]!, 1])),
};
const params = affine.init(createRng(0));
const model: Model = { network: affine, parameterization: edmPreconditioning(), schedule };
const x = tensor2d([
  [0.3, -1],
  [2, 0.5],
]);
const [early, late] = [levelAt(schedule, 0.1), levelAt(schedule, 0.6)];

/** Quantizes by doubling, so that what was quantized shows; keeps the calibration as numbers. */
function doublingBackend() {
  const seen: number[][][] = [];
  const numbers = (tensor: Tensor) => [...tensor.dataSync()];
  const compile = <F extends PureFunction>(fn: F) =>
    Object.assign(async (...args: Parameters<F>) => fn(...args) as ReturnType<F>, {
      dispose: async () => {},
    });
  const backend: Backend = {
    name: 'doubling',
    tensorBackend: 'cpu',
    describe: () => ({ name: 'doubling', kind: 'eager', device: 'cpu', details: {} }),
    compile,
    capabilities: {
      async quantize<F extends PureFunction>(
        fn: F,
        { calibration }: { readonly calibration: readonly Parameters<F>[] },
      ) {
        for (const [state, coefficients, labels] of calibration) {
          seen.push([numbers(state), numbers(coefficients.in), numbers(labels)]);
        }
        return compile(((...args: Parameters<F>) => {
          const once: Tensor = fn(...args);
          const twice = mul(once, 2);
          once.dispose();
          return twice;
        }) as F);
      },
    },
    dispose: async () => {},
  };
  return { backend, seen };
}

describe('quantizedDenoiser', () => {
  it('runs what the backend made of the denoiser, calibrated on its own arguments', async () => {
    const { backend, seen } = doublingBackend();
    const calibration = [
      { x, level: early },
      { x, level: late, label: ints([7, 0]) },
    ];
    const denoiser = await quantizedDenoiser({ model, params, backend, label: 3, calibration });
    const exact = createDenoiser({ model, params, label: 3 });
    const state = [...x.dataSync()];
    const scaleAt = (level: typeof early) =>
      Math.fround(model.parameterization.coefficients(level).in);
    expect(seen).toEqual([
      [state, [scaleAt(early)], [3, 3]],
      [state, [scaleAt(late)], [7, 0]],
    ]);
    const [doubled, once] = [await denoiser(x, late), await exact(x, late)];
    expect([...doubled.dataSync()]).toEqual([...once.dataSync()].map((value) => 2 * value));
    await denoiser.dispose();
    await expect(denoiser(x, late)).rejects.toThrow('it was disposed');
  });

  it('leaves the calibration to the caller and nothing after dispose', async () => {
    const { backend } = doublingBackend();
    await expectNoLeak(async () => {
      const calibration = [{ x, level: early }];
      const denoiser = await quantizedDenoiser({ model, params, backend, label: 3, calibration });
      await denoiser.dispose();
    });
    expect(x.isDisposed).toBe(false);
  });

  it('leaves nothing when it fails', async () => {
    const { backend } = doublingBackend();
    const failing: Backend = {
      ...backend,
      capabilities: {
        quantize: async () => {
          throw new Error('no convolutions');
        },
      },
    };
    const make = (used: Backend, more: object) =>
      quantizedDenoiser({ model, params, backend: used, label: 3, calibration: [], ...more });
    await expectNoLeak(async () => {
      await expect(make(failing, { calibration: [{ x, level: early }] })).rejects.toThrow(
        'no convolutions',
      );
      const states = [{ x, level: early }];
      const wrong = [...states, { x, level: late, label: 10 }];
      await expect(make(backend, { calibration: wrong })).rejects.toThrow('the label is 10');
      const short = [...states, { x, level: late, label: ints([1]) }];
      await expect(make(backend, { calibration: short })).rejects.toMatchObject({
        code: 'INVALID_SHAPE',
      });
    });
  });

  it('refuses backends without quantize, an empty calibration and missing labels', async () => {
    const { backend } = doublingBackend();
    const without = { ...backend, capabilities: {} };
    const calibration = [{ x, level: early }];
    await expect(
      quantizedDenoiser({ model, params, backend: without, label: 3, calibration }),
    ).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/the backend doubling does not compute in int8.*onnx/s),
    });
    await expect(
      quantizedDenoiser({ model, params, backend, label: 3, calibration: [] }),
    ).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    await expect(quantizedDenoiser({ model, params, backend, calibration })).rejects.toThrow(
      'no label was given',
    );
  });
});
