import { add, mul, reshape, scalar, tile } from '@tensorflow/tfjs-core';
import { disposeTree, toTensor, toTensors } from '@tweedie/autodiff';
import { quantize } from '@tweedie/backend-onnx';
import { createRng } from '@tweedie/core';
import { initialNoise, runSampler } from '@tweedie/samplers';
import { loadRun } from '@tweedie/training/node';
import { createModel as createRunModel, createSampling } from 'tweedie';
import { createNodeRegistry } from 'tweedie/node';
import { createModel } from '../speed/plug-ins.mjs';
import { median } from '../speed/statistics.mjs';
import { workloads } from '../speed/workloads.mjs';

/** Items of a calibration batch, and how many batches are sampled. */
const CALIBRATION = { items: 16, walks: 2 };

/** D = c_skip x + c_out F(c_in x; c_noise), with constant parameters. */
function denoiserOf(network, params) {
  return (x, coefficients) => {
    const time = tile(reshape(coefficients.noise, [1]), [x.shape[0]]);
    const predicted = network.apply(params, mul(x, coefficients.in), { time });
    return add(mul(x, coefficients.skip), mul(predicted, coefficients.out));
  };
}

const scalars = ({ skip, out, in: scale, noise }) => ({
  skip: scalar(skip),
  out: scalar(out),
  in: scalar(scale),
  noise: scalar(noise),
});

/** A trained run with its sampler and its grid of noise levels. */
export async function openModel(folder, steps) {
  const registry = createNodeRegistry();
  const { config, params, step } = await loadRun(folder);
  const model = createRunModel(config, registry);
  const { sampler, grid } = createSampling(
    { sampler: { name: 'ddim', options: {} }, grid: { name: 'trailing', options: { steps } } },
    model,
    registry,
  );
  const { network, parameterization, schedule } = model;
  const shapeOf = (items) => [items, ...network.itemShape];
  const argumentsAt = (x, level) => [x, scalars(parameterization.coefficients(level))];

  /** The compiled denoiser with the signature that samplers use. */
  const samplerDenoiser = (compiled) => async (x, level) => {
    const coefficients = scalars(parameterization.coefficients(level));
    const denoised = await compiled(x, coefficients);
    disposeTree(coefficients);
    return denoised;
  };

  /** The states at which a sampler calls the denoiser, each with its level; the caller disposes them. */
  async function walk(compiled, rng, items) {
    const start = initialNoise(rng.fork('start'), shapeOf(items), grid[0]);
    const denoise = samplerDenoiser(compiled);
    const states = [];
    const recording = (x, level) => {
      states.push({ x: x.clone(), level });
      return denoise(x, level);
    };
    const context = { rng: rng.fork('steps'), schedule };
    const end = await runSampler(sampler, recording, start, grid, context);
    end.dispose();
    start.dispose();
    return states;
  }

  return {
    title: `${config.recipe ?? network.name} after ${step} training steps`,
    registry,
    config,
    sampler,
    grid,
    schedule,
    itemShape: network.itemShape,
    samplerDenoiser,
    walk,
    argumentsAt,
    example: (items) =>
      argumentsAt(toTensor(createRng(3).normal(shapeOf(items))), grid[grid.length >> 1]),

    /** The denoiser in float32 and in int8, calibrated on samples of the first. */
    async pair(backend) {
      const tensors = toTensors(params);
      const fn = denoiserOf(network, tensors);
      const float = backend.compile(fn);
      const calibration = [];
      for (let i = 0; i < CALIBRATION.walks; i++) {
        const states = await walk(float, createRng(100 + i), CALIBRATION.items);
        calibration.push(...states.map(({ x, level }) => argumentsAt(x, level)));
      }
      const int8 = backend.compile(await quantize(fn, { calibration }));
      disposeTree(calibration);
      return {
        float,
        int8,
        async dispose() {
          await Promise.all([float.dispose(), int8.dispose()]);
          disposeTree(tensors);
        },
      };
    },
  };
}

/**
 * The error of the predicted noise at each level, on new samples: its root mean square, relative to
 * that of the predicted noise itself.
 */
export async function compare(model, { float, int8 }) {
  const states = await model.walk(float, createRng(200), 32);
  const errors = [];
  for (const { x, level } of states) {
    const args = model.argumentsAt(x, level);
    const [exact, rounded] = [await float(...args), await int8(...args)];
    const [state, a, b] = [x, exact, rounded].map((tensor) => tensor.dataSync());
    disposeTree([args, exact, rounded]);
    // ε̂ = (x − αD)/σ
    let [difference, size] = [0, 0];
    for (let i = 0; i < a.length; i++) {
      difference += (level.alpha * (a[i] - b[i])) ** 2;
      size += (state[i] - level.alpha * a[i]) ** 2;
    }
    errors.push({ alpha: level.alpha, error: Math.sqrt(difference / size) });
  }
  return errors;
}

/**
 * Milliseconds of a prediction, the median of alternating runs, so that other load affects both alike:
 * wall time, and processor time over all threads, which other load affects less.
 */
export async function time({ float, int8 }, args, rounds = 15) {
  const wall = { float: [], int8: [] };
  const processor = { float: [], int8: [] };
  for (let round = -1; round < rounds; round++) {
    for (const [name, fn] of Object.entries({ float, int8 })) {
      const used = process.cpuUsage();
      const begin = performance.now();
      const result = await fn(...args);
      const taken = performance.now() - begin;
      const { user, system } = process.cpuUsage(used);
      result.dispose();
      if (round < 0) continue;
      wall[name].push(taken);
      processor[name].push((user + system) / 1000);
    }
  }
  disposeTree(args);
  const medians = (of) => ({ float: median(of.float), int8: median(of.int8) });
  return { wall: medians(wall), processor: medians(processor) };
}

/** The U-Net of the benchmark's sampling step; its weights are untrained, which does not change the time. */
export async function benchmarkNetwork(backend, items) {
  const { network } = createModel(workloads['unet-sample']);
  const tensors = toTensors(network.init(createRng(1)));
  const fn = denoiserOf(network, tensors);
  const x = toTensor(createRng(3).normal([items, ...network.itemShape]));
  const args = [x, scalars({ skip: 1, out: 1, in: 1, noise: 0.5 })];
  const pair = {
    float: backend.compile(fn),
    int8: backend.compile(await quantize(fn, { calibration: [args] })),
  };
  const taken = await time(pair, args);
  await Promise.all([pair.float.dispose(), pair.int8.dispose()]);
  disposeTree(tensors);
  return [`the benchmark’s U-Net (32, 64, 64), batch ${items}`, taken];
}
