import '@tensorflow/tfjs-backend-cpu';
import { add, mul, reshape, sum, type Tensor, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import {
  createParameterLayout,
  disposeTree,
  expectNoLeak,
  toTensor,
  toTensors,
} from '@tweedie/autodiff';
import {
  type Backend,
  createRng,
  dataPrediction,
  edmPreconditioning,
  floats,
  ints,
  type Level,
  levelAt,
  type Model,
  type Network,
  noisePrediction,
  type PureFunction,
  velocityPrediction,
} from '@tweedie/core';
import { mlp } from '@tweedie/networks';
import { vp } from '@tweedie/schedules';
import { describe, expect, it } from 'vitest';
import { createDenoiser } from './create-denoiser.js';

const schedule = vp();

/** F(x; t, label) = a·x + b·t + label. */
const affine: Network = {
  name: 'affine',
  config: {},
  itemShape: [2],
  classes: 10,
  init: () => ({ a: floats([0.5], []), b: floats([2], []) }),
  apply: (params, x, { time, label }) =>
    add(mul(params.a!, x), reshape(add(mul(params.b!, time), mul(label!, 1)), [x.shape[0]!, 1])),
};
const params = affine.init(createRng(0));
const parameterization = edmPreconditioning();
const model: Model = { network: affine, parameterization, schedule };
const points = [
  [0.3, -1],
  [2, 0.5],
  [0, 1],
];
const x = tensor2d(points);

function expected(level: Level, labels: readonly number[], used = parameterization): number[] {
  const c = used.coefficients(level);
  return points.flatMap((point, i) =>
    point.map((value) => c.skip * value + c.out * (0.5 * c.in * value + 2 * c.noise + labels[i]!)),
  );
}

function expectNear(actual: ArrayLike<number>, values: readonly number[]): void {
  expect(actual.length).toBe(values.length);
  values.forEach((value, i) => {
    expect(actual[i]).toBeCloseTo(value, 5);
  });
}

/** Runs functions as they stand, and counts what was compiled and disposed. */
function countingBackend() {
  const counts = { compiled: 0, calls: 0, disposed: 0 };
  const backend: Backend = {
    name: 'counting',
    tensorBackend: 'cpu',
    capabilities: {},
    describe: () => ({ name: 'counting', kind: 'eager', device: 'cpu', details: {} }),
    compile: <F extends PureFunction>(fn: F) => {
      counts.compiled++;
      const run = async (...args: Parameters<F>) => {
        counts.calls++;
        return fn(...args) as ReturnType<F>;
      };
      return Object.assign(run, {
        dispose: async () => {
          counts.disposed++;
        },
      });
    },
    dispose: async () => {},
  };
  return { backend, counts };
}

describe('createDenoiser', () => {
  it.each([
    ['edm', edmPreconditioning()],
    ['noise', noisePrediction()],
    ['velocity', velocityPrediction({ conditionOn: 'logSigma' })],
    ['data', dataPrediction()],
  ])('is c_skip x + c_out F(c_in x; c_noise): %s', async (_name, used) => {
    const denoiser = createDenoiser({
      model: { ...model, parameterization: used as typeof parameterization },
      params,
      label: 3,
    });
    for (const t of [0.1, 0.5]) {
      const level = levelAt(schedule, t);
      const y = await denoiser(x, level);
      expect(y.shape).toEqual([3, 2]);
      expectNear(await y.data(), expected(level, [3, 3, 3], used as typeof parameterization));
    }
    await denoiser.dispose();
  });

  it('takes a label for each item', async () => {
    const level = levelAt(schedule, 0.4);
    const denoiser = createDenoiser({ model, params, label: ints([1, 0, 9]) });
    expectNear(await (await denoiser(x, level)).data(), expected(level, [1, 0, 9]));
  });

  it('takes a flat vector that stays the caller’s', async () => {
    const layout = createParameterLayout(params);
    const flat = toTensor(layout.pack(params));
    const level = levelAt(schedule, 0.4);
    const denoiser = createDenoiser({ model, params: flat, layout, label: 3 });
    expectNear(await (await denoiser(x, level)).data(), expected(level, [3, 3, 3]));
    await denoiser.dispose();
    expect(flat.isDisposed).toBe(false);
  });

  it('compiles once for all levels, and frees what was compiled', async () => {
    const { backend, counts } = countingBackend();
    const denoiser = createDenoiser({ model, params, backend, label: 3 });
    for (const t of [0.1, 0.3, 0.5]) {
      const level = levelAt(schedule, t);
      expectNear(await (await denoiser(x, level)).data(), expected(level, [3, 3, 3]));
    }
    expect(counts).toEqual({ compiled: 1, calls: 3, disposed: 0 });
    await denoiser.dispose();
    await denoiser.dispose();
    expect(counts.disposed).toBe(1);
    await expect(denoiser(x, levelAt(schedule, 0.5))).rejects.toThrow('it was disposed');
  });

  it('leaves nothing but its result, and nothing after dispose', async () => {
    const network = mlp({ widths: [8], timeEmbedding: 'fourier', classes: 3 });
    const initial = network.init(createRng(1));
    await expectNoLeak(async () => {
      const denoiser = createDenoiser({ model: { ...model, network }, params: initial, label: 2 });
      await expectNoLeak(async () => disposeTree(await denoiser(x, levelAt(schedule, 0.3))));
      await expect(denoiser(x, { t: 1, alpha: 0, sigma: 1 })).rejects.toThrow();
      await denoiser.dispose();
    });
  });

  it('gives what the network gives', async () => {
    const network = mlp({ widths: [8] });
    const initial = network.init(createRng(1));
    const predictsData = { network, parameterization: dataPrediction(), schedule };
    const denoiser = createDenoiser({ model: predictsData, params: initial });
    const level = levelAt(schedule, 0.25);
    const direct = network.apply(toTensors(initial), x, { time: tensor1d([0.25, 0.25, 0.25]) });
    expect(await (await denoiser(x, level)).data()).toEqual(await direct.data());
  });

  it('refuses a level at which the parameterization has no meaning', async () => {
    const denoiser = createDenoiser({
      model: { ...model, parameterization: noisePrediction() },
      params,
      label: 0,
    });
    await expect(denoiser(x, { t: 1, alpha: 0, sigma: 1 })).rejects.toMatchObject({
      code: 'NOT_FINITE',
      message: expect.stringContaining('the noise parameterization has no finite coefficients'),
    });
  });

  it('refuses labels that are missing, needless, of the wrong number or out of range', async () => {
    expect(() => createDenoiser({ model, params })).toThrow('no label was given');
    for (const label of [10, -1, 0.5, ints([0, 10])]) {
      expect(() => createDenoiser({ model, params, label })).toThrow(
        'Allowed: whole numbers from 0 to 9',
      );
    }
    const unconditional = { ...model, network: mlp({ widths: [4] }) };
    expect(() => createDenoiser({ model: unconditional, params, label: 1 })).toThrow(
      "a label was given to network 'mlp', which takes none",
    );
    const denoiser = createDenoiser({ model, params, label: ints([1, 2]) });
    await expect(denoiser(x, levelAt(schedule, 0.5))).rejects.toThrow(
      'the labels have the shape [2] and there are 3 items',
    );
  });

  it('refuses images, parameters and predictions of other shapes', async () => {
    const level = levelAt(schedule, 0.5);
    const denoiser = createDenoiser({ model, params, label: 1 });
    await expect(denoiser(tensor2d([[1, 2, 3]]), level)).rejects.toThrow(
      'x has the shape [1, 3]. Allowed: [B, 2]',
    );
    const layout = createParameterLayout(params);
    const short: Tensor = tensor1d([1]);
    expect(() => createDenoiser({ model, params: short, layout, label: 1 })).toThrow(
      'the parameters have the shape [1]. Allowed: [2]',
    );
    const summing = { ...affine, apply: (_p: unknown, image: Tensor) => sum(image, 1, true) };
    const wrong = createDenoiser({ model: { ...model, network: summing }, params, label: 1 });
    await expect(wrong(x, level)).rejects.toThrow('the network affine makes [3, 1] of [3, 2]');
  });
});
