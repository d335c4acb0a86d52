import '@tensorflow/tfjs-backend-cpu';
import { mul, sum, type Tensor, type Tensor1D, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { createParameterLayout, toTensor, toTensors, valueAndGrad } from '@tweedie/autodiff';
import { createRng, type HostParams, type Params } from '@tweedie/core';
import { testNetwork } from '@tweedie/testing';
import { describe, expect, it } from 'vitest';
import { mlp } from './mlp.js';

testNetwork('mlp', () => mlp({ widths: [8, 6], embeddingSize: 4 }));
testNetwork('mlp, raw time and classes', () =>
  mlp({ features: 3, widths: [8], timeEmbedding: 'raw', embeddingSize: 4, classes: 3 }),
);
testNetwork(
  'mlp, fourier features',
  () => mlp({ widths: [8], timeEmbedding: 'fourier', fourierScale: 1, embeddingSize: 6 }),
  // The frequencies are not trained.
  { comparesGradientOf: (parameter) => parameter !== 'time_proj.weight' },
);
testNetwork('mlp without time', () => mlp({ widths: [8], timeEmbedding: 'none' }), {
  timeDependent: false,
});

const activations: Record<string, (x: number) => number> = {
  silu: (x) => x / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  softplus: (x) => Math.log1p(Math.exp(x)),
};

/** The network on one point in float64, from its inputs on. */
function reference(params: Record<string, ArrayLike<number>>, input: number[], activation: string) {
  let h = input;
  for (let layer = 0; `layers.${layer}.weight` in params; layer++) {
    const weight = params[`layers.${layer}.weight`]!;
    const bias = Array.from(params[`layers.${layer}.bias`]!);
    const active = layer === 0 ? h : h.map(activations[activation]!);
    h = bias.map((b, o) => active.reduce((s, v, i) => s + v * weight[o * active.length + i]!, b));
  }
  return h;
}

function dataOf(params: HostParams): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(params).map(([name, { data }]) => [name, data]));
}

function int32(...labels: number[]): Tensor1D {
  return tensor1d(labels, 'int32');
}

describe('mlp', () => {
  it("declares PyTorch's names and shapes", () => {
    const network = mlp({ features: 3, widths: [8, 5], embeddingSize: 4, classes: 6 });
    expect(network.itemShape).toEqual([3]);
    expect(network.parameters).toEqual({
      'label_embedding.weight': { shape: [6, 4] },
      'layers.0.weight': { shape: [8, 11] },
      'layers.0.bias': { shape: [8] },
      'layers.1.weight': { shape: [5, 8] },
      'layers.1.bias': { shape: [5] },
      'layers.2.weight': { shape: [3, 5] },
      'layers.2.bias': { shape: [3] },
    });
    const initial = network.init(createRng(0));
    expect(createParameterLayout(network.parameters).pack(initial).shape).toEqual([183]);
    expect(Math.max(...initial['layers.1.weight']!.data.map(Math.abs))).toBeLessThan(8 ** -0.5);
    expect(network.init(createRng(0))).toEqual(initial);
    expect(network.init(createRng(1))).not.toEqual(initial);
  });

  it.each([
    ['raw', 0.5, (t: number) => [0.5 * t]],
    ['none', 1, () => []],
    [
      'sinusoidal',
      100,
      (t: number) => [Math.sin(100 * t), Math.sin(t), Math.cos(100 * t), Math.cos(t)],
    ],
  ] as const)(
    'computes as float64 does, with time %s',
    async (timeEmbedding, timeScale, featuresOf) => {
      const options = { timeEmbedding, timeScale, embeddingSize: 4, widths: [7, 5], classes: 3 };
      for (const activation of ['silu', 'tanh', 'softplus'] as const) {
        const network = mlp({ ...options, activation });
        const params = network.init(createRng(2));
        const points = [
          [0.3, -1.2],
          [2, 0.1],
        ];
        const y = await network
          .apply(
            toTensors(params),
            toTensor({ data: Float32Array.from(points.flat()), shape: [2, 2] }),
            {
              time: tensor1d([0.25, 0.75]),
              label: int32(2, 0),
            },
          )
          .array();
        const embeddings = params['label_embedding.weight']!.data;
        points.forEach((point, i) => {
          const label = [2, 0][i]!;
          const input = [
            ...point,
            ...featuresOf([0.25, 0.75][i]!),
            ...embeddings.slice(4 * label, 4 * label + 4),
          ];
          reference(dataOf(params), input, activation).forEach((value, k) => {
            expect((y as number[][])[i]![k]).toBeCloseTo(value, 5);
          });
        });
      }
    },
  );

  it.each(['silu', 'tanh', 'softplus'] as const)(
    'has right second derivatives in its parameters and its input: %s',
    async (activation) => {
      const network = mlp({ widths: [6, 5], timeEmbedding: 'raw', activation });
      const rng = createRng(9);
      const host = network.init(rng);
      const direction = network.init(rng.fork('direction'));
      const [x, time, inputs, outputs] = [[0.7, -0.4], 0.3, [0.6, 0.8], [1, -0.5]] as const;

      /** f = outputs · F(x + δ inputs; θ + ε direction), in float64. */
      const f = (epsilon: number, delta: number) => {
        const moved = Object.fromEntries(
          Object.entries(host).map(([name, { data }]) => [
            name,
            Array.from(data, (value, i) => value + epsilon * direction[name]!.data[i]!),
          ]),
        );
        const point = [...x.map((value, i) => value + delta * inputs[i]!), time];
        return reference(moved, point, activation).reduce((s, v, i) => s + v * outputs[i]!, 0);
      };
      const h = 1e-3;
      const mixed = (f(h, h) - f(h, -h) - f(-h, h) + f(-h, -h)) / (4 * h * h);
      const inInput = (f(0, h) - 2 * f(0, 0) + f(0, -h)) / (h * h);

      const row = (values: readonly number[]) =>
        toTensor({ data: Float32Array.from(values), shape: [1, values.length] });
      /** The derivative of f in the input's direction. */
      const slope = (params: Params, at: Tensor) => {
        const value = (leaves: Params) =>
          sum(mul(network.apply(params, leaves.x!, { time: tensor1d([time]) }), row(outputs)));
        return sum(mul(valueAndGrad(value)({ x: at }).grads.x!, row(inputs)));
      };
      const { grads } = valueAndGrad(({ x: at, ...params }) => slope(params, at!))({
        ...toTensors(host),
        x: row(x),
      });
      const along = async (name: string, towards: ArrayLike<number>) =>
        Array.from(await grads[name]!.data()).reduce((s, value, i) => s + value * towards[i]!, 0);
      let total = 0;
      for (const name of Object.keys(host)) total += await along(name, direction[name]!.data);
      expect(Math.abs(mixed)).toBeGreaterThan(1e-3);
      expect(total).toBeCloseTo(mixed, 5);
      expect(await along('x', inputs)).toBeCloseTo(inInput, 5);
    },
  );

  it('does not train Fourier frequencies, and trains the rest', async () => {
    const network = mlp({ widths: [4], timeEmbedding: 'fourier', fourierScale: 1, classes: 2 });
    const params = toTensors(network.init(createRng(1)));
    const x = toTensor(createRng(5).normal([3, 2]));
    const conditioning = { time: tensor1d([0.1, 0.5, 1]), label: int32(0, 1, 1) };
    const { grads } = tidy(() =>
      valueAndGrad((p) => sum(network.apply(p, x, conditioning)))(params),
    );
    for (const [name, gradient] of Object.entries(grads)) {
      const size = Math.max(...(await gradient.data()).map(Math.abs));
      if (name === 'time_proj.weight') expect(size).toBe(0);
      else expect(size).toBeGreaterThan(1e-3);
    }
  });

  it('says what is wrong with its options and its input', () => {
    expect(() => mlp({ widths: [8, 0] })).toThrow('mlp: widths is [8, 0]');
    expect(() => mlp({ activation: 'swish' as never })).toThrow('activation is "swish"');
    const network = mlp({ widths: [4], classes: 3 });
    const params = toTensors(network.init(createRng(1)));
    const x = toTensor(createRng(5).normal([2, 2]));
    const wide = toTensor(createRng(5).normal([2, 3]));
    const time = tensor1d([0, 1]);
    const label = int32(0, 1);
    expect(() => network.apply(params, wide, { time, label })).toThrow(
      'mlp: x has the shape [2, 3]. Allowed: [B, 2]',
    );
    expect(() => network.apply(params, x, { time: tensor1d([0]), label })).toThrow(
      'time has the shape [1]. Allowed: [2]',
    );
    expect(() => network.apply(params, x, { time })).toThrow(
      'conditioned on a class and no label was given. Allowed: an int32 label for each item from 0 to 2',
    );
    expect(() => network.apply(params, x, { time, label: int32(1) })).toThrow(
      'label has the shape',
    );
    const { 'layers.1.bias': _, ...rest } = params;
    expect(() => network.apply(rest, x, { time, label })).toThrow("'layers.1.bias' is missing");
  });

  it('ignores labels without classes', async () => {
    const network = mlp({ widths: [4] });
    const params = toTensors(network.init(createRng(1)));
    const x = toTensor(createRng(5).normal([2, 2]));
    const time = tensor1d([0, 1]);
    const labelled = await network.apply(params, x, { time, label: int32(0, 1) }).data();
    expect(labelled).toEqual(await network.apply(params, x, { time }).data());
  });
});
