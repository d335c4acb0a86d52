import '@tensorflow/tfjs-backend-cpu';
import { add, mul, ones, slice, sum, type Tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { toTensor, toTensors, valueAndGrad } from '@tweedie/autodiff';
import {
  createRng,
  floats,
  type JsonObject,
  levelAt,
  noisePrediction,
  type Params,
  scoreCoefficients,
  sizeOf,
} from '@tweedie/core';
import { geometric } from '@tweedie/schedules';
import { testNetwork } from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import { refinenet } from './refinenet.js';
import { refinenetV2 } from './refinenet-v2.js';

const tiny = { sampleSize: 6, channels: 1, ngf: 4, multipliers: [1, 2, 2], dilations: [1, 1, 2] };
const factories = { refinenet, 'refinenet-v2': refinenetV2 } as const;
type Factory = (options: JsonObject) => ReturnType<typeof refinenet>;
const both = Object.entries(factories) as unknown as [string, Factory][];

testNetwork('refinenet', () => refinenet({ ...tiny, levels: 4 }));
testNetwork('refinenet-v2', () => refinenetV2({ ...tiny, activation: 'tanh' }), {
  timeDependent: false,
  // What comes before max pooling crosses its kinks.
  comparesGradientOf: (parameter) => /^(refine3\.output_convs|normalizer|end_conv)/.test(parameter),
});

const imageOf = (shape: readonly number[]) => toTensor(createRng(2).normal(shape));

describe.each(both)('%s', (name, factory) => {
  it('begins with the same parameters for the same seed, as the authors begin', () => {
    const network = factory(tiny);
    const first = network.init(createRng(11));
    expect(network.init(createRng(11))).toEqual(first);
    expect(network.init(createRng(12))).not.toEqual(first);
    for (const [key, { data, shape }] of Object.entries(first)) {
      expect(shape).toEqual(network.parameters[key]!.shape);
      const nearOne = (values: Iterable<number>) => {
        for (const value of values) expect(Math.abs(value - 1)).toBeLessThan(6 * 0.02);
      };
      if (key.endsWith('embed.weight')) {
        const channels = shape[1]! / 3;
        for (let row = 0; row < shape[0]!; row++) {
          const values = data.slice(row * 3 * channels, (row + 1) * 3 * channels);
          nearOne(values.slice(0, 2 * channels));
          expect(new Set(values.slice(2 * channels))).toEqual(new Set([0]));
        }
      } else if (/(alpha|gamma)$/.test(key)) {
        nearOne(data);
      } else if (key.endsWith('beta')) {
        expect(new Set(data)).toEqual(new Set([0]));
      } else {
        const weights = first[key.replace(/bias$/, 'weight')]!;
        const bound = sizeOf(weights.shape.slice(1)) ** -0.5;
        const largest = Math.max(...data.map(Math.abs));
        expect(largest).toBeLessThanOrEqual(bound);
        if (data.length > 30) expect(largest).toBeGreaterThan(0.8 * bound);
      }
    }
  });

  it('works at every size, square or not', () => {
    for (const sampleSize of [1, 2, 5, 7]) {
      const sampleWidth = 9 - sampleSize;
      const network = factory({ ...tiny, sampleSize, sampleWidth, dilations: [1, 1, 1] });
      const shape = [2, sampleSize, sampleWidth, 1];
      expect(network.itemShape).toEqual(shape.slice(1));
      const y = tidy(() => {
        const params = toTensors(network.init(createRng(1)));
        return network.apply(params, ones(shape), { time: tensor1d([1, 2]) });
      });
      expect(y.shape).toEqual(shape);
      expect([...y.dataSync()].every(Number.isFinite)).toBe(true);
    }
  });

  it('has the gradient that finite differences measure, in parameters and image', () => {
    tidy(() => {
      // tanh has no kink, but greatest values of windows have: with them only what follows moves.
      const moves = (key: string) =>
        name === 'refinenet' || /^(refine3\.output_convs|normalizer|end_conv)/.test(key);
      const network = factory({ ...tiny, sampleSize: 8, activation: 'tanh' });
      const host = network.init(createRng(5));
      const params: Params = { ...toTensors(host), x: imageOf([2, 8, 8, 1]) };
      const weights = toTensor(createRng(3).normal([2, 8, 8, 1]));
      const time = tensor1d([2, 7]);
      const loss = ({ x, ...rest }: Params) => sum(mul(network.apply(rest, x!, { time }), weights));
      const directions = Object.fromEntries(
        Object.entries(params).map(([key, t]) => [
          key,
          mul(toTensor(createRng(6).fork(key).normal(t.shape)), moves(key) ? 0.1 : 0),
        ]),
      );
      const { grads } = valueAndGrad(loss)(params);
      const terms = Object.keys(params).map(
        (key) => sum(mul(grads[key]!, directions[key]!)).dataSync()[0]!,
      );
      const at = (h: number) => {
        const moved = Object.entries(params).map(([key, t]) => [
          key,
          add(t, mul(directions[key]!, h)),
        ]);
        return loss(Object.fromEntries(moved)).dataSync()[0]!;
      };
      const h = 1e-3;
      const measured = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
      const scale = terms.reduce((total, term) => total + Math.abs(term), 0);
      // Values of size 5 are rounded by about 1e-6, which h makes 1e-3; the scale is 10 to 200.
      const exact = terms.reduce((total, term) => total + term, 0);
      expect(Math.abs(exact - measured)).toBeLessThan(1e-3 * Math.max(1, scale));
    });
  });

  it('takes images in [0, 1] with centerInputSample', async () => {
    const params = toTensors(factory(tiny).init(createRng(1)));
    const x = toTensor(createRng(2).uniform([1, 6, 6, 1], 0, 1));
    const time = tensor1d([4]);
    const centred = factory({ ...tiny, centerInputSample: true }).apply(params, x, { time });
    const expected = factory(tiny).apply(params, add(mul(x, 2), -1), { time });
    expect(await centred.data()).toEqual(await expected.data());
  });

  it.each<[JsonObject, string]>([
    [{ multipliers: [] }, 'multipliers is []'],
    [{ multipliers: [1, 1.5, 2] }, 'multipliers is [1, 1.5, 2]'],
    [{ dilations: [1, 2] }, 'dilations is [1, 2] and multipliers [1, 2, 2]'],
    [{ dilations: [1, 0, 2] }, 'dilations is [1, 0, 2]'],
    [{ dilations: [2, 1, 1] }, 'dilations begins with 2. Allowed: 1'],
  ])('refuses %o', (options, message) => {
    expect(() => factory({ ...tiny, ...options })).toThrow(`${name}: ${message}`);
  });

  it('says what is wrong with its input', () => {
    const network = factory(tiny);
    const params = toTensors(network.init(createRng(1)));
    expect(() => network.apply(params, ones([1, 5, 6, 1]), { time: tensor1d([1]) })).toThrow(
      `${name}: x has the shape [1, 5, 6, 1]. Allowed: [B, 6, 6, 1]`,
    );
    expect(() => network.apply(params, ones([2, 6, 6, 1]), { time: tensor1d([1]) })).toThrow(
      'time has the shape [1]. Allowed: [2]',
    );
    const { 'res1.0.conv1.weight': _missing, ...rest } = params;
    expect(() => network.apply(rest, ones([1, 6, 6, 1]), { time: tensor1d([1]) })).toThrow(
      "the parameter 'res1.0.conv1.weight' is missing",
    );
  });
});

describe('the noise level of refinenet', () => {
  const levels = 4;
  const network = refinenet({ ...tiny, levels });
  const host = network.init(createRng(1));
  // Rows that differ more than they do in the beginning.
  const spreadOut = Object.fromEntries(
    Object.entries(host).map(([key, { data, shape }]) => {
      const noise = createRng(9).fork(key).normal(shape).data;
      return [key, floats(key.endsWith('embed.weight') ? noise : data, shape)];
    }),
  );
  const params = toTensors(spreadOut);
  const x = imageOf([1, 6, 6, 1]);
  const at = (p: Params, time: number) => network.apply(p, x, { time: tensor1d([time]) }).data();
  /** The parameters with a function of each embedding's rows. */
  const withRows = (map: (rows: Tensor[]) => Tensor): Params =>
    Object.fromEntries(
      Object.entries(params).map(([key, t]) => [
        key,
        key.endsWith('embed.weight')
          ? map(Array.from({ length: levels }, (_, i) => slice(t, [i, 0], [1, t.shape[1]!])))
          : t,
      ]),
    );

  it('counts up with the time, and rows from the most noise on', async () => {
    const single = refinenet({ ...tiny, levels: 1 });
    for (let t = 0; t < levels; t++) {
      const row = withRows((rows) => rows[levels - 1 - t]!);
      const expected = await single.apply(row, x, { time: tensor1d([0]) }).data();
      // Products with a matrix of one row and of four may be summed in another order.
      const actual = await at(params, t);
      actual.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
      });
    }
    expect(await at(params, 0)).not.toEqual(await at(params, 1));
  });

  it('is interpolated between levels and stays beyond them', async () => {
    const single = refinenet({ ...tiny, levels: 1 });
    // t = 0.25 is a quarter of the way from the last row to the one before it.
    const row = withRows((rows) => add(mul(rows[3]!, 0.75), mul(rows[2]!, 0.25)));
    const expected = await single.apply(row, x, { time: tensor1d([0]) }).data();
    const actual = await at(params, 0.25);
    actual.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
    });
    expect(await at(params, -3)).toEqual(await at(params, 0));
    expect(await at(params, 17)).toEqual(await at(params, 3));
  });
});

describe('refinenet-v2', () => {
  it('does not depend on the noise level, and its score is −F/σ', async () => {
    const network = refinenetV2(tiny);
    const params = toTensors(network.init(createRng(1)));
    const x = imageOf([1, 6, 6, 1]);
    const raw = await network.apply(params, x, { time: tensor1d([0]) }).data();
    expect(await network.apply(params, x, { time: tensor1d([3]) }).data()).toEqual(raw);

    const schedule = geometric({ sigmaMin: 0.1, sigmaMax: 5, steps: 10 });
    const model = { network, parameterization: noisePrediction(), schedule };
    for (const t of [0, 4, 9]) {
      const level = levelAt(schedule, t);
      const { skip, out } = scoreCoefficients(model.parameterization, level);
      expect(skip).toBeCloseTo(0, 12);
      expect(out).toBeCloseTo(-1 / level.sigma, 12);
    }
  });
});
