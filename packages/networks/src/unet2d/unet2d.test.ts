import '@tensorflow/tfjs-backend-cpu';
import {
  mul,
  ones,
  onesLike,
  sum,
  type Tensor,
  type Tensor1D,
  tensor1d,
  tidy,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { toTensor, toTensors, valueAndGrad } from '@tweedie/autodiff';
import { createRng, type JsonObject, type Params, sizeOf } from '@tweedie/core';
import {
  ddpmCifar10Golden,
  type GradientSummary,
  testNetwork,
  type Unet2dGolden,
  unet2dGoldens,
} from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import { unet2d } from './unet2d.js';

const tolerance = 1e-5;

const tiny = {
  sampleSize: 6,
  inChannels: 1,
  outChannels: 1,
  blockOutChannels: [4, 8],
  downBlockTypes: ['DownBlock2D', 'AttnDownBlock2D'],
  upBlockTypes: ['AttnUpBlock2D', 'UpBlock2D'],
  layersPerBlock: 1,
  normNumGroups: 2,
} as const;

function norm(values: Iterable<number>): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}

testNetwork('unet2d', () => unet2d(tiny));
testNetwork('unet2d, classes, heads, scale and shift, dropout', () =>
  unet2d({
    ...tiny,
    numClassEmbeds: 3,
    attentionHeadDim: 2,
    resnetTimeScaleShift: 'scale_shift',
    dropout: 0.3,
    zeroInitOutput: true,
  }),
);
testNetwork('unet2d, resampling in residual blocks, labels as times', () =>
  unet2d({
    ...tiny,
    downBlockTypes: ['ResnetDownsampleBlock2D', 'DownBlock2D'],
    upBlockTypes: ['UpBlock2D', 'ResnetUpsampleBlock2D'],
    classEmbedType: 'timestep',
    addAttention: false,
  }),
);

/**
 * Largest difference of the norm and of the projections, relative to the norm. Projection vectors
 * are uniform in ±1, so that a difference d shows as about 0.58 |d| in each.
 */
function distance(golden: GradientSummary, gradient: Float32Array, projections: number[]): number {
  const differences = projections.map((value, i) => value - golden.projections[i]!);
  differences.push(norm(gradient) - golden.norm);
  return Math.max(...differences.map(Math.abs)) / golden.norm;
}

function conditioningOf(golden: Unet2dGolden) {
  return {
    time: tensor1d([...golden.time]),
    label: golden.label === null ? undefined : int32(...golden.label),
  };
}

function int32(...labels: number[]): Tensor1D {
  return tensor1d(labels, 'int32');
}

describe.each(unet2dGoldens.map((golden) => [golden.name, golden] as const))(
  "UNet2DModel's %s",
  (_name, golden) => {
    const network = unet2d(golden.options as JsonObject);

    it('has its parameters', () => {
      const shapes = Object.entries(network.parameters).map(([name, { shape }]) => [name, shape]);
      expect(shapes.sort()).toEqual([...golden.parameters].sort());
    });

    it('has its output and every gradient', async () => {
      const conditioning = conditioningOf(golden);
      const { output, grads } = tidy(() => {
        const params = toTensors(golden.params);
        const x = toTensor(golden.x);
        const weighting = toTensor(golden.weighting);
        const loss = ({ x: image, ...weights }: Params) =>
          sum(mul(network.apply(weights, image!, conditioning), weighting));
        return {
          output: network.apply(params, x, conditioning),
          grads: valueAndGrad(loss)({ ...params, x }).grads,
        };
      });

      const y = await output.data();
      expect(y.length).toBe(golden.output.length);
      const difference = golden.output.map((value, i) => value - y[i]!);
      expect(norm(difference) / norm(golden.output)).toBeLessThan(tolerance);

      const errors = new Map<string, number>();
      for (const [name, summary] of [...golden.gradients, ['x', golden.inputGradient] as const]) {
        const gradient = (await grads[name]!.data()) as Float32Array;
        if (name.endsWith('to_k.bias')) {
          // Softmax does not see what all keys share, so this gradient is 0 but for rounding.
          const weights = golden.gradients.get(name.replace('bias', 'weight'))!;
          expect(summary.norm).toBeLessThan(1e-12);
          errors.set(name, norm(gradient) / weights.norm);
        } else {
          errors.set(name, distance(summary, gradient, golden.project(name, gradient)));
        }
      }
      expect([...errors].filter(([, error]) => !(error < tolerance))).toEqual([]);
      for (const [name] of golden.parameters.filter(([key]) => !golden.gradients.has(key))) {
        expect(norm(await grads[name]!.data()), `${name} is not trained`).toBe(0);
      }
    });
  },
);

describe('unet2d', () => {
  it("is DDPM's U-Net for CIFAR-10 with DDPM's options", () => {
    const network = unet2d(ddpmCifar10Golden.options as JsonObject);
    const shapes = Object.entries(network.parameters).map(([name, { shape }]) => [name, shape]);
    expect(shapes.sort()).toEqual([...ddpmCifar10Golden.parameters].sort());
    const count = Object.values(network.parameters).reduce((n, { shape }) => n + sizeOf(shape), 0);
    expect(count).toBe(35_746_307);
    expect(ddpmCifar10Golden.count).toBe(count);
    expect(network.itemShape).toEqual([32, 32, 3]);
    expect(network.classes).toBe(0);
  });

  it('begins with the same parameters for the same seed, sized by their fan-in', () => {
    const network = unet2d(tiny);
    const first = network.init(createRng(11));
    expect(network.init(createRng(11))).toEqual(first);
    expect(network.init(createRng(12))).not.toEqual(first);
    for (const [name, { data, shape }] of Object.entries(first)) {
      expect(shape).toEqual(network.parameters[name]!.shape);
      const weights = first[name.replace(/bias$/, 'weight')]!;
      if (name.includes('norm')) {
        expect(new Set(data)).toEqual(new Set([name.endsWith('weight') ? 1 : 0]));
      } else {
        const bound = sizeOf(weights.shape.slice(1)) ** -0.5;
        const largest = Math.max(...data.map(Math.abs));
        expect(largest).toBeLessThanOrEqual(bound);
        if (data.length > 30) expect(largest).toBeGreaterThan(0.8 * bound);
      }
    }
  });

  it('can begin with an output of zeros', async () => {
    const network = unet2d({ ...tiny, zeroInitOutput: true });
    const params = toTensors(network.init(createRng(1)));
    const x = toTensor(createRng(2).normal([1, 6, 6, 1]));
    const y = await network.apply(params, x, { time: tensor1d([3]) }).data();
    expect(new Set(y)).toEqual(new Set([0]));
  });

  it.each([0, 1])('works at every size down to what its levels need, padding %i', (padding) => {
    for (const sampleSize of [4, 5, 6, 7]) {
      const network = unet2d({
        ...tiny,
        sampleSize,
        sampleWidth: 11 - sampleSize,
        blockOutChannels: [4, 4, 4],
        downBlockTypes: ['DownBlock2D', 'DownBlock2D', 'DownBlock2D'],
        upBlockTypes: ['UpBlock2D', 'UpBlock2D', 'UpBlock2D'],
        downsamplePadding: padding,
      });
      const shape = [2, sampleSize, 11 - sampleSize, 1];
      const y = tidy(() => {
        const params = toTensors(network.init(createRng(1)));
        return network.apply(params, ones(shape), { time: tensor1d([1, 2]) });
      });
      expect(y.shape).toEqual(shape);
    }
  });

  it('multiplies the time by timeScale', async () => {
    const params = toTensors(unet2d(tiny).init(createRng(1)));
    const x = toTensor(createRng(2).normal([2, 6, 6, 1]));
    const scaled = unet2d({ ...tiny, timeScale: 1000 });
    const y = await scaled.apply(params, x, { time: tensor1d([0.25, 0.5]) }).data();
    const expected = unet2d(tiny).apply(params, x, { time: tensor1d([250, 500]) });
    expect(y).toEqual(await expected.data());
  });

  it('drops what the masks say, before the second convolution of each residual block', async () => {
    const network = unet2d({ ...tiny, dropout: 0.3 });
    const params = toTensors(network.init(createRng(1)));
    const x = toTensor(createRng(2).normal([2, 6, 6, 1]));
    const time = tensor1d([3, 40]);
    const output = (given: Params, dropout?: Record<string, Tensor>) =>
      network.apply(given, x, { time, dropout }).data();
    const masks = toTensors(network.dropoutMasks!(createRng(3), 2));
    const blocks = Object.keys(params).flatMap(
      (name) => /(.*)\.conv2\.weight$/.exec(name)?.[1] ?? [],
    );
    expect(Object.keys(masks).sort()).toEqual(blocks.map((name) => `${name}.dropout`).sort());
    expect(masks['mid_block.resnets.0.dropout']!.shape).toEqual([2, 3, 3, 8]);

    const plain = await output(params);
    expect(await output(params, masks)).not.toEqual(plain);
    const all = Object.entries(masks);
    const keep = Object.fromEntries(all.map(([name, mask]) => [name, onesLike(mask)]));
    expect(await output(params, keep)).toEqual(plain);
    const drop = Object.fromEntries(all.map(([name, mask]) => [name, zerosLike(mask)]));
    const cut = Object.fromEntries(
      Object.entries(params).map(([name, value]) => [
        name,
        name.endsWith('.conv2.weight') ? zerosLike(value) : value,
      ]),
    );
    expect(await output(params, drop)).toEqual(await output(cut));
  });

  it.each([
    [{ normNumGroups: 3 }, 'a level has 4 channels and normNumGroups is 3. Allowed: groups that'],
    [{ attnNormNumGroups: 3 }, 'the middle block has 8 channels and attnNormNumGroups is 3'],
    [{ blockOutChannels: [] }, 'blockOutChannels is []'],
    [
      { blockOutChannels: [4, 8, 8] },
      'downBlockTypes names 2 blocks and blockOutChannels 3 levels',
    ],
    [{ upBlockTypes: ['UpBlock2D'] }, 'upBlockTypes names 1 blocks and blockOutChannels 2 levels'],
    [
      { downBlockTypes: ['DownBlock2D', 'Down'] },
      "downBlockTypes names 'Down'. Allowed: blocks Down",
    ],
    [{ upBlockTypes: ['AttnUpBlock2D', 'toString'] }, "upBlockTypes names 'toString'"],
    [{ attentionHeadDim: 16 }, 'attentionHeadDim is 16, and there is attention on 8 channels'],
    [{ sampleSize: 1, downsamplePadding: 0 }, '1 × 1 has no pixels left at level 2 of 2'],
    [{ classEmbedType: 'identity' }, "classEmbedType is 'identity'. Allowed: null or 'timestep'"],
    [
      { blockOutChannels: [2, 8], freqShift: 1 },
      'a size of at least 2 whose half is not the shift',
    ],
  ])('refuses %o', (options, message) => {
    expect(() => unet2d({ ...tiny, ...options })).toThrow(message);
  });

  it('says what is wrong with its input', () => {
    const network = unet2d({ ...tiny, classEmbedType: 'timestep' });
    const params = toTensors(network.init(createRng(1)));
    const time = tensor1d([1]);
    const label = int32(4);
    expect(() => network.apply(params, ones([1, 5, 6, 1]), { time, label })).toThrow(
      'unet2d: x has the shape [1, 5, 6, 1]. Allowed: [B, 6, 6, 1]',
    );
    expect(() => network.apply(params, ones([2, 6, 6, 1]), { time, label })).toThrow(
      'time has the shape [1]. Allowed: [2]',
    );
    expect(() => network.apply(params, ones([1, 6, 6, 1]), { time })).toThrow(
      'no label was given. Allowed: an int32 label for each item.',
    );
  });
});
