import * as tf from '@tensorflow/tfjs-core';
import { conv2d, toTensors } from '@tweedie/autodiff';
import { createRng, type TweedieError } from '@tweedie/core';
import { unet2d } from '@tweedie/networks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normal, uniform } from '../agreement.testing.js';
import { onnxBackend } from '../backend.js';
import { exportOnnx } from '../export/export-onnx.js';
import { openModel } from '../export/open-model.js';
import { quantizeFilter } from '../int8/filters.js';
import { uint8Scale } from '../int8/ranges.js';
import { quantize } from './quantize.js';

const backend = onnxBackend({ threads: 1 });
afterAll(() => backend.dispose());

const rms = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, x) => sum + x * x, 0) / values.length);

const difference = (a: tf.Tensor, b: tf.Tensor) => tf.tidy(() => tf.sub(a, b).dataSync());

/** A U-Net of two levels whose layers all matter, as a function of x and the time. */
function unet() {
  const network = unet2d({
    sampleSize: 8,
    inChannels: 1,
    outChannels: 1,
    layersPerBlock: 1,
    attentionHeadDim: null,
    zeroInitOutput: false,
    downBlockTypes: ['DownBlock2D', 'AttnDownBlock2D'],
    upBlockTypes: ['AttnUpBlock2D', 'UpBlock2D'],
    blockOutChannels: [8, 16],
    normNumGroups: 4,
  });
  const params = toTensors(network.init(createRng(5)));
  return (x: tf.Tensor, time: tf.Tensor) => network.apply(params, x, { time: time as tf.Tensor1D });
}

describe('one convolution', () => {
  const geometry = { stride: 2, padding: [1, 0, 1, 2] } as const;

  it('rounds as much as its three scales say, and no more', async () => {
    const [x, filter, bias] = [normal(3, 6, 5, 9), normal(12, 9, 3, 3), normal(12)];
    const fn = (image: tf.Tensor) => conv2d(image, filter, bias, geometry);
    const compiled = backend.compile(await quantize(fn, { calibration: [[x]] }));
    const [exact, rounded] = [fn(x), await compiled(x)];
    // |Σ w·x − Σ ŵ·x̂| ≤ Σ |w|·|x − x̂| + Σ |w − ŵ|·|x̂|, where each difference is at most half a step
    // (of a range that begins at a whole step, at most one), and the sum is rounded once more.
    const ofImage = uint8Scale({ low: tf.min(x).dataSync()[0]!, high: tf.max(x).dataSync()[0]! });
    const { scales } = quantizeFilter(filter.dataSync<'float32'>(), filter.shape);
    const [ones, steps] = [tf.onesLike(x), tf.tensor(scales)];
    const bound = tf.tidy(() =>
      tf.add(
        conv2d(tf.mul(ones, ofImage.scale), tf.abs(filter), undefined, geometry),
        tf.mul(
          conv2d(tf.add(tf.abs(x), ofImage.scale), tf.onesLike(filter), undefined, geometry),
          tf.div(steps, 2),
        ),
      ),
    );
    const channels = tf
      .unstack(tf.reshape(exact, [-1, 12]), 1)
      .map((channel) =>
        uint8Scale({ low: tf.min(channel).dataSync()[0]!, high: tf.max(channel).dataSync()[0]! }),
      );
    const errors = difference(exact, rounded);
    const bounds = bound.dataSync();
    errors.forEach((error, i) => {
      expect(Math.abs(error)).toBeLessThanOrEqual(bounds[i]! + channels[i % 12]!.scale);
    });
    // Rounding is there, and its mean square is that of steps drawn at random, s²/12, within a
    // factor: with 81 products and a step of some 1/30 of the deviation, about one percent.
    const relative = rms(errors) / rms(exact.dataSync());
    expect(relative).toBeGreaterThan(0.002);
    expect(relative).toBeLessThan(0.02);
    await compiled.dispose();
  });

  it('is exact in the worst case for processors that clip pairs of products', async () => {
    // All products are as large as can be: two of 255 · 127 would not fit 16 bits.
    const [x, filter] = [tf.ones([1, 8, 8, 16]), tf.fill([16, 16, 3, 3], 1)];
    const fn = (image: tf.Tensor) => conv2d(image, filter, undefined, { padding: 1 });
    const compiled = backend.compile(await quantize(fn, { calibration: [[x]] }));
    const [exact, rounded] = [fn(x), await compiled(x)];
    // A weight of 1 is 63.5 steps and becomes 64, by 1/127; 144 of them are rounded to one of 255.
    const most = Math.max(...exact.dataSync().map((value) => value / 127 + 144 / 255));
    for (const error of difference(exact, rounded)) expect(Math.abs(error)).toBeLessThan(most);
    await compiled.dispose();
  });

  it('leaves no tensor behind', async () => {
    const [x, filter] = [normal(2, 4, 4, 8), normal(8, 8, 3, 3)];
    const fn = (image: tf.Tensor) => conv2d(image, filter, undefined, geometry);
    const before = tf.memory().numTensors;
    const compiled = backend.compile(await quantize(fn, { calibration: [[x], [x]] }));
    const result = await compiled(x);
    result.dispose();
    await compiled.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a U-Net', () => {
  const fn = unet();
  const args = (items: number): [tf.Tensor, tf.Tensor] => [
    normal(items, 8, 8, 1),
    uniform(0, 1, items),
  ];
  const calibration = [args(4), args(4), args(2)];
  let quantized = fn;
  beforeAll(async () => {
    quantized = await quantize(fn, { calibration });
  });

  it('keeps its prediction within the noise of int8, compiled, exported and in WebAssembly', async () => {
    const [x, time] = args(5);
    const exact = fn(x, time);
    const scale = rms(exact.dataSync());
    const compiled = backend.compile(quantized);
    const rounded = await compiled(x, time);
    // Each of some 20 convolutions rounds an image and a filter and its sums, about one percent
    // each: two percent, in quadrature nine; half as much again for chance.
    const relative = rms(difference(exact, rounded)) / scale;
    expect(relative).toBeGreaterThan(0.003);
    expect(relative).toBeLessThan(0.14);

    const bytes = exportOnnx(quantized, [x, time], { inputs: ['x', 'time'], outputs: ['y'] });
    const model = await openModel(bytes);
    const { y } = await model.run({ x, time });
    // Numbers halfway between two steps may fall to either side; all others are alike.
    expect(rms(difference(y!, rounded)) / scale).toBeLessThan(relative / 3);
    await model.dispose();

    const web = onnxBackend({ device: 'wasm', threads: 1 });
    const inWeb = await web.compile(quantized)(x, time);
    expect(rms(difference(inWeb, rounded)) / scale).toBeLessThan(relative / 3);
    await web.dispose();
    await compiled.dispose();
  });

  it('is the same bit by bit, however often it is quantized and run', async () => {
    const [x, time] = args(3);
    const runs: Float32Array[] = [];
    for (const again of [quantized, await quantize(fn, { calibration })]) {
      const compiled = backend.compile(again);
      runs.push((await compiled(x, time)).dataSync<'float32'>());
      runs.push((await compiled(x, time)).dataSync<'float32'>());
      await compiled.dispose();
    }
    for (const run of runs) expect(run).toEqual(runs[0]);
  });

  it('is itself where nothing is compiled', () => {
    const [x, time] = args(2);
    expect(quantized(x, time).dataSync()).toEqual(fn(x, time).dataSync());
  });
});

describe('what cannot be quantized', () => {
  const refusal = async (promise: Promise<unknown>) => {
    const error = await promise.then(
      () => undefined,
      (thrown: TweedieError) => thrown,
    );
    return error?.code;
  };
  const filter = normal(8, 8, 1, 1);
  const convolve = (x: tf.Tensor) => conv2d(x, filter);
  const x = normal(1, 2, 2, 8);

  it('is refused', async () => {
    expect(await refusal(quantize(convolve, { calibration: [] }))).toBe('INVALID_VALUE');
    const noConstants = (image: tf.Tensor, weights: tf.Tensor) => conv2d(image, weights);
    expect(await refusal(quantize(noConstants, { calibration: [[x, filter]] }))).toBe(
      'INVALID_VALUE',
    );
    const narrow = normal(8, 7, 1, 1);
    const few = (image: tf.Tensor) => conv2d(image, narrow);
    expect(await refusal(quantize(few, { calibration: [[normal(1, 2, 2, 7)]] }))).toBe(
      'INVALID_VALUE',
    );
    const infinite = tf.fill([1, 2, 2, 8], Number.POSITIVE_INFINITY);
    expect(await refusal(quantize(convolve, { calibration: [[x], [infinite]] }))).toBe(
      'NOT_FINITE',
    );
    const nan = tf.fill([1, 2, 2, 8], Number.NaN);
    expect(await refusal(quantize(convolve, { calibration: [[nan]] }))).toBe('NOT_FINITE');
  });

  it('is refused for shapes with which the function makes other convolutions', async () => {
    const byShape = (image: tf.Tensor) =>
      image.shape[0] === 1 ? convolve(image) : convolve(convolve(image));
    const calibration: [tf.Tensor][] = [[x], [normal(2, 2, 2, 8)]];
    expect(await refusal(quantize(byShape, { calibration }))).toBe('INVALID_VALUE');
    const quantized = await quantize(byShape, { calibration: [[x]] });
    expect(await refusal(backend.compile(quantized)(normal(2, 2, 2, 8)))).toBe('INVALID_VALUE');
  });
});
