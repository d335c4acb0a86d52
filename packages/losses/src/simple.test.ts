import '@tensorflow/tfjs-backend-cpu';
import {
  add,
  mul,
  ready,
  reshape,
  type Scalar,
  scalar,
  setBackend,
  type Tensor1D,
} from '@tensorflow/tfjs-core';
import { disposeTree, expectNoLeak, toTensor, toTensors, valueAndGrad } from '@tweedie/autodiff';
import {
  type Batch,
  createRng,
  type Draws,
  dataPrediction,
  edmPreconditioning,
  floats,
  ints,
  type Level,
  type Loss,
  levelAt,
  type Model,
  type Network,
  noisePrediction,
  type Parameterization,
  type Params,
  parameterizations,
  type Schedule,
  scorePrediction,
  timeAtHalfLogSnr,
  timeRange,
  velocityPrediction,
} from '@tweedie/core';
import { cosine, fromBetas, linear, schedules, vp } from '@tweedie/schedules';
import { goldenDraw, schedulerReferences } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { simpleLoss } from './simple.js';
import { weightings } from './weightings/index.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

type Apply = Network['apply'];

function modelOf(
  schedule: Schedule,
  parameterization: Parameterization,
  itemShape: number[],
  apply: Apply,
): Model {
  const network: Network = { name: 'test', config: {}, itemShape, init: () => ({}), apply };
  return { network, parameterization, schedule };
}

/** The value of a loss, and what its draws were. */
async function evaluate(
  loss: Loss,
  model: Model,
  batch: Batch,
  draws: Draws,
  params: Params = {},
): Promise<number> {
  const x = toTensor(batch.x);
  const label = batch.label === undefined ? undefined : (toTensor(batch.label) as Tensor1D);
  const drawn = toTensors(draws);
  const value = loss.value(model, params, { x, label }, drawn);
  const [number] = await value.data();
  disposeTree({ x, label, drawn, value });
  return number!;
}

/** The time of each item, read back from the input's coefficients. */
function levelsOf(model: Model, draws: Draws): Level[] {
  return Array.from(draws.time!.data, (time) => levelAt(model.schedule, time));
}

describe('L_simple', () => {
  it("is improved-diffusion's mean square error of ε", async () => {
    const golden = schedulerReferences.improved_diffusion.L_simple_FIXED_LARGE;
    const schedule = linear({ steps: 50, betaStart: 0.002, betaEnd: 0.4 });
    const data = floats(
      Array.from({ length: 32 }, (_, j) => Math.round((j / 16 - 1 + 1) * 127.5) / 127.5 - 1),
      [2, 1, 4, 4],
    );
    // Its model: √(1 − ᾱ) x/(ᾱ/3 + 1 − ᾱ).
    const gain = (t: number) => {
      const { alpha, sigma } = levelAt(schedule, t);
      return sigma / (alpha ** 2 / 3 + sigma ** 2);
    };
    const loss = simpleLoss();
    const perExample: number[] = [];
    for (const [item, t] of golden.t.entries()) {
      const model = modelOf(schedule, noisePrediction(), [1, 4, 4], (_params, x) =>
        mul(x, gain(t)),
      );
      const x = floats(data.data.subarray(16 * item, 16 * item + 16), [1, 1, 4, 4]);
      // The draws of a chosen time and the recorded noise, from the coefficients themselves.
      const { alpha, sigma } = levelAt(schedule, t);
      const noise = goldenDraw(0, 32).subarray(16 * item, 16 * item + 16);
      const draws = {
        noise: floats(noise, [1, 1, 4, 4]),
        time: floats([t]),
        inputData: floats([alpha]),
        inputNoise: floats([sigma]),
        targetData: floats([0]),
        targetNoise: floats([1]),
        weight: floats([1]),
      };
      const own = loss.draw(model, { x }, createRng(0));
      expect(Object.keys(draws).sort()).toEqual(Object.keys(own).sort());
      perExample.push(await evaluate(loss, model, { x }, draws));
    }
    golden.per_example.forEach((wanted, item) => {
      expect(Math.abs(perExample[item]! / wanted - 1)).toBeLessThan(1e-3);
    });
  });

  it('draws for ε-prediction the input √ᾱ x₀ + √(1 − ᾱ) ε, the target ε and the weight 1', () => {
    const model = modelOf(linear(), noisePrediction(), [3], (_params, x) => x.clone());
    const draws = simpleLoss().draw(
      model,
      { x: floats(new Float32Array(96), [32, 3]) },
      createRng(1),
    );
    levelsOf(model, draws).forEach(({ alpha, sigma }, i) => {
      expect(draws.inputData!.data[i]).toBeCloseTo(alpha, 6);
      expect(draws.inputNoise!.data[i]).toBeCloseTo(sigma, 6);
      expect(draws.targetData!.data[i]).toBeCloseTo(0, 6);
      expect(draws.targetNoise!.data[i]).toBeCloseTo(1, 6);
      expect(draws.weight!.data[i]).toBeCloseTo(1, 6);
    });
    expect(new Set(draws.time!.data).size).toBeGreaterThan(25);
  });

  it('is its formula for a network in closed form', async () => {
    const model = modelOf(cosine(), velocityPrediction(), [2], (_params, x, { time }) =>
      add(mul(x, 0.5), mul(reshape(time, [-1, 1]), 1e-3)),
    );
    const batch = { x: createRng(1).normal([16, 2]) };
    const loss = simpleLoss({ weighting: 'minSnr' });
    const draws = loss.draw(model, batch, createRng(2));
    let sum = 0;
    levelsOf(model, draws).forEach(({ t, alpha, sigma }, item) => {
      for (const j of [2 * item, 2 * item + 1]) {
        const x0 = batch.x.data[j]!;
        const epsilon = draws.noise!.data[j]!;
        const x = alpha * x0 + sigma * epsilon;
        const denoised = alpha * x - sigma * (0.5 * x + 1e-3 * t);
        sum += Math.min((alpha / sigma) ** 2, 5) * (denoised - x0) ** 2;
      }
    });
    expect((await evaluate(loss, model, batch, draws)) / (sum / 32)).toBeCloseTo(1, 4);
  });
});

describe('one denoiser has one loss', () => {
  const schedule = vp({ start: 0.05 });
  /** The level of item i, from the signal-to-noise ratio of the network's input. */
  const levelOf = ({ inputData, inputNoise }: Draws, i: number): Level =>
    levelAt(
      schedule,
      timeAtHalfLogSnr(schedule, Math.log(inputData!.data[i]! / inputNoise!.data[i]!)),
    );
  /** The network for which D = 0.8 x: F(c_in x) = (0.8 − c_skip) x/c_out. */
  const apply =
    (parameterization: Parameterization, draws: () => Draws): Apply =>
    (_params, x) => {
      const gains = Array.from({ length: x.shape[0]! }, (_, i) => {
        const c = parameterization.coefficients(levelOf(draws(), i));
        return (0.8 - c.skip) / c.out / c.in;
      });
      return mul(x, toTensor(floats(gains, [gains.length, 1])));
    };

  it.each(parameterizations.map((factory) => [factory.id, factory()] as const))(
    'under %s prediction',
    async (_name, parameterization) => {
      let current: Draws = {};
      const batch = { x: createRng(5).normal([64, 2]) };
      const model = modelOf(
        schedule,
        parameterization,
        [2],
        apply(parameterization, () => current),
      );
      const loss = simpleLoss({ weighting: 'softMinSnr' });
      current = loss.draw(model, batch, createRng(6));
      const value = await evaluate(loss, model, batch, current);
      let sum = 0;
      for (let j = 0; j < 128; j++) {
        const { alpha, sigma } = levelOf(current, j >> 1);
        const x0 = batch.x.data[j]!;
        const denoised = 0.8 * (alpha * x0 + sigma * current.noise!.data[j]!);
        const snr = (alpha / sigma) ** 2;
        sum += ((4 * snr) / (4 + snr)) * (denoised - x0) ** 2;
      }
      expect(value / (sum / 128)).toBeCloseTo(1, 3);
    },
  );
});

describe('the minimiser', () => {
  // Data N(0.5, 0.4²), one noise level, F = scale·input + shift: the loss is a quadratic whose
  // minimum is where D is the posterior mean.
  const data = { mean: 0.5, deviation: 0.4 };
  const schedule = fromBetas({ betas: [0.3] });
  const level = levelAt(schedule, 0);
  const count = 40_000;
  const affine: Apply = (params, x) => add(mul(x, params.scale!), params.shift!);

  const cases = [
    ['noise', noisePrediction()],
    ['data', dataPrediction()],
    ['velocity', velocityPrediction()],
    ['score', scorePrediction()],
    ['edm', edmPreconditioning({ sigmaData: 0.4 })],
  ] as const;
  it.each(cases)('is the posterior mean: %s', async (_name, parameterization) => {
    const model = modelOf(schedule, parameterization, [1], affine);
    const x = createRng(1).normal([count, 1]);
    x.data.forEach((value, i) => {
      x.data[i] = data.mean + data.deviation * value;
    });
    const loss = simpleLoss();
    const tensors = { x: toTensor(x), draws: toTensors(loss.draw(model, { x }, createRng(2))) };
    const gradient = async (scale: number, shift: number) => {
      const params = { scale: scalar(scale), shift: scalar(shift) };
      const { value, grads } = valueAndGrad((p: Params) =>
        loss.value(model, p, { x: tensors.x }, tensors.draws),
      )(params);
      const result = [(await grads.scale!.data())[0]!, (await grads.shift!.data())[0]!] as const;
      disposeTree({ params, value, grads });
      return result;
    };
    // The gradient is affine in (scale, shift): three of them give its zero.
    const [a, b] = await gradient(0, 0);
    const [aScale, bScale] = await gradient(1, 0);
    const [aShift, bShift] = await gradient(0, 1);
    disposeTree(tensors);
    const hessian = [aScale - a, aShift - a, bScale - b, bShift - b] as const;
    const determinant = hessian[0] * hessian[3] - hessian[1] * hessian[2];
    const scale = (-a * hessian[3] + b * hessian[1]) / determinant;
    const shift = (-b * hessian[0] + a * hessian[2]) / determinant;

    const c = parameterization.coefficients(level);
    const slope = c.skip + c.out * scale * c.in;
    const intercept = c.out * shift;
    const total = (level.alpha * data.deviation) ** 2 + level.sigma ** 2;
    const gain = (level.alpha * data.deviation ** 2) / total;
    // Four standard errors of a regression with this residual.
    const residual = (data.deviation * level.sigma) / Math.sqrt(total);
    const error = (4 * residual) / Math.sqrt(count * Math.min(1, total));
    expect(Math.abs(slope - gain)).toBeLessThan(error);
    expect(Math.abs(intercept - (1 - gain * level.alpha) * data.mean)).toBeLessThan(2 * error);
  });
});

describe('what reaches the network', () => {
  const batch = { x: floats(new Float32Array(8), [4, 2]), label: ints([3, 1, 4, 1]) };

  /** A model that notes the labels and dropout masks that its network is given. */
  const noting = (dropoutMasks?: Network['dropoutMasks']) => {
    const seen = { labels: [] as number[], masks: {} as Record<string, number[]> };
    const model = modelOf(cosine(), velocityPrediction(), [2], (_params, x, conditioning) => {
      seen.labels = [...(conditioning.label?.dataSync() ?? [])];
      for (const [name, mask] of Object.entries(conditioning.dropout ?? {})) {
        seen.masks[name] = [...mask.dataSync()];
      }
      return x.clone();
    });
    const network = { ...model.network, ...(dropoutMasks === undefined ? {} : { dropoutMasks }) };
    return { model: { ...model, network }, seen };
  };

  it("is the batch's labels and no masks", async () => {
    const { model, seen } = noting();
    const loss = simpleLoss();
    const draws = loss.draw(model, batch, createRng(1));
    expect(draws).not.toHaveProperty('label');
    await evaluate(loss, model, batch, draws);
    expect(seen).toEqual({ labels: [3, 1, 4, 1], masks: {} });
  });

  it('is the null label in the share of items that was asked for', async () => {
    const { model: unlabelled, seen } = noting();
    const model = { ...unlabelled, network: { ...unlabelled.network, classes: 11 } };
    const loss = simpleLoss({ labelDropout: 0.3, nullLabel: 10 });
    const many = {
      x: floats(new Float32Array(4000), [2000, 2]),
      label: ints(Array.from({ length: 2000 }, (_, i) => i % 10)),
    };
    const draws = loss.draw(model, many, createRng(1));
    await evaluate(loss, model, many, draws);
    const dropped = seen.labels.filter((label) => label === 10).length;
    // Five standard deviations.
    expect(Math.abs(dropped - 600)).toBeLessThan(103);
    seen.labels.forEach((label, i) => {
      if (label !== 10) expect(label).toBe(i % 10);
    });
  });

  it("is the network's own dropout masks, by their names", async () => {
    const { model, seen } = noting((rng, count) => ({
      'block.dropout': floats(
        rng.uniform([count]).data.map((u) => (u < 0.5 ? 0 : 2)),
        [count, 1],
      ),
    }));
    const loss = simpleLoss();
    const draws = loss.draw(model, batch, createRng(1));
    expect(draws).toHaveProperty(['dropout.block.dropout']);
    await evaluate(loss, model, batch, draws);
    expect(seen.masks).toEqual({
      'block.dropout': [...draws['dropout.block.dropout']!.data],
    });
    const alone = loss.draw(
      model,
      { x: floats([0, 0], [1, 2]), label: ints([1]) },
      createRng(1).fromItem(3),
    );
    expect(alone['dropout.block.dropout']!.data[0]).toBe(seen.masks['block.dropout']![3]);
  });
});

describe('every schedule × prediction × weighting', () => {
  const made = schedules.map((factory) =>
    factory.id === 'betas' ? fromBetas({ betas: [0.1, 0.5] }) : factory(),
  );
  made.push(linear({ steps: 20, zeroTerminalSnr: true }));

  it('gives finite draws, or says where it has no meaning', () => {
    const batch = { x: floats(new Float32Array(32), [32, 1]) };
    for (const schedule of made) {
      for (const factory of parameterizations) {
        for (const weighting of weightings.map(({ id }) => id)) {
          const model = modelOf(schedule, factory(), [1], (_params, x) => x.clone());
          const draw = () => simpleLoss({ weighting }).draw(model, batch, createRng(1));
          const [, end] = timeRange(schedule);
          const isPure = schedule.alpha(end) === 0;
          if (isPure && factory.id !== 'data' && factory.id !== 'velocity') {
            expect(draw).toThrow(`has no meaning at t = ${end} (α = 0`);
            continue;
          }
          for (const [key, { data }] of Object.entries(draw())) {
            const where = `${key} of ${schedule.name}, ${factory.id}, ${weighting}`;
            expect([...data].every(Number.isFinite), where).toBe(true);
          }
        }
      }
    }
  });
});

describe('bad input', () => {
  const model = modelOf(linear(), noisePrediction(), [2], (_params, x) => x.clone());
  const draw = (batch: Batch, loss = simpleLoss()) => loss.draw(model, batch, createRng(1));
  const drawLabels = (label: number, loss = simpleLoss()) => {
    const network = { ...model.network, classes: 10 };
    // What a data set that is not checked for types may hold.
    const data = [3, label] as unknown as Int32Array;
    const batch = { x: floats([1, 2, 3, 4], [2, 2]), label: { data, shape: [2] } };
    return loss.draw({ ...model, network }, batch, createRng(1));
  };

  it.each([10, -1, 0.5, 3e9, Number.NaN])('a label of %d, of ten classes', (label) => {
    expect(() => drawLabels(label)).toThrow(
      `the label of item 1 of the batch is ${label}, and network 'test' has 10 classes. Allowed: whole numbers from 0 to 9. Fix: make the network with as many classes as the data has`,
    );
  });

  it('a null label that the network does not have', () => {
    expect(() => drawLabels(3, simpleLoss({ labelDropout: 0.1, nullLabel: 10 }))).toThrow(
      "simple: nullLabel is 10, and network 'test' has 10 classes",
    );
    expect(() => simpleLoss({ labelDropout: 0.1, nullLabel: 3e9 })).toThrow('at most 16777215');
    const loss = simpleLoss({ labelDropout: 0.1, nullLabel: 3 });
    expect(() => draw({ x: floats([1, 2], [1, 2]), label: ints([1]) }, loss)).toThrow(
      "network 'test' takes no labels",
    );
  });

  it.each<[string, () => unknown, RegExp]>([
    ['items of another shape', () => draw({ x: floats([1, 2, 3], [1, 3]) }), /\[B, 2\]/],
    ['no items', () => draw({ x: floats([], [0, 2]) }), /B at least 1/],
    [
      'labels of another number',
      () => draw({ x: floats([1, 2], [1, 2]), label: ints([1, 2]) }),
      /labels have the shape \[2\]/,
    ],
    [
      'dropout of labels without a null label',
      () => simpleLoss({ labelDropout: 0.1 }),
      /nullLabel/,
    ],
    [
      'dropout of labels without labels',
      () => {
        const classes = { ...model, network: { ...model.network, classes: 4 } };
        const loss = simpleLoss({ labelDropout: 0.1, nullLabel: 3 });
        return loss.draw(classes, { x: floats([1, 2], [1, 2]) }, createRng(1));
      },
      /the data has no labels/,
    ],
  ])('%s', (_name, act, message) => {
    expect(act).toThrow(message);
  });

  it('noise prediction at zero terminal SNR, with what to do', () => {
    const pure = { ...model, schedule: linear({ zeroTerminalSnr: true }) };
    expect(() => simpleLoss().draw(pure, { x: floats([1, 2], [1, 2]) }, createRng(1))).toThrow(
      /noise prediction on schedule linear has no meaning at t = 999 .*predict velocity or data/s,
    );
  });
});

describe('memory', () => {
  it('leaves no tensor behind, with a gradient too', async () => {
    const model = modelOf(vp(), velocityPrediction(), [2], (params, x) => mul(x, params.scale!));
    const batch = { x: createRng(1).normal([8, 2]) };
    const loss = simpleLoss();
    await expectNoLeak(() => {
      const inputs = {
        params: { scale: scalar(0.3) },
        x: toTensor(batch.x),
        draws: toTensors(loss.draw(model, batch, createRng(2))),
      };
      const result = valueAndGrad(
        (params: Params): Scalar => loss.value(model, params, { x: inputs.x }, inputs.draws),
      )(inputs.params);
      disposeTree({ inputs, result });
    });
  });
});
