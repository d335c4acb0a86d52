import { unet2d } from '@tweedie/networks';
import { expect, test } from 'vitest';
import { multiplyAdds } from './multiply-adds.mjs';
import { workloads } from './workloads.mjs';

test('an MLP uses each weight once an item, and three times in training but at the input', () => {
  const shapes = {
    'layers.0.weight': { shape: [8, 3] },
    'layers.0.bias': { shape: [8] },
    'layers.1.weight': { shape: [2, 8] },
    'layers.1.bias': { shape: [2] },
  };
  const network = { name: 'mlp', options: {} };
  expect(multiplyAdds({ kind: 'sample', batchSize: 5, network }, shapes)).toBe(5 * (24 + 16));
  expect(multiplyAdds({ kind: 'train', batchSize: 5, network }, shapes)).toBe(
    5 * (2 * 24 + 3 * 16),
  );
});

test('a U-Net of two levels, counted by hand', () => {
  const network = unet2d({
    sampleSize: 8,
    inChannels: 1,
    outChannels: 1,
    blockOutChannels: [4, 8],
    downBlockTypes: ['DownBlock2D', 'AttnDownBlock2D'],
    upBlockTypes: ['AttnUpBlock2D', 'UpBlock2D'],
    layersPerBlock: 1,
    normNumGroups: 4,
  });
  const conv = (size, inputs, outputs) => size ** 2 * 9 * inputs * outputs;
  /** Two convolutions, the time's projection, and a shortcut where the channels change. */
  const residual = (size, inputs, outputs) =>
    conv(size, inputs, outputs) +
    conv(size, outputs, outputs) +
    16 * outputs +
    (inputs === outputs ? 0 : size ** 2 * inputs * outputs);
  const attention = 4 * 16 * 8 * 8 + 2 * 16 ** 2 * 8;
  const expected =
    4 * 16 +
    16 * 16 +
    conv(8, 1, 4) +
    (residual(8, 4, 4) + conv(4, 4, 4)) +
    (residual(4, 4, 8) + attention) +
    (2 * residual(4, 8, 8) + attention) +
    (residual(4, 16, 8) + residual(4, 12, 8) + 2 * attention + conv(8, 8, 8)) +
    (residual(8, 12, 4) + residual(8, 8, 4)) +
    conv(8, 4, 1);
  const workload = { batchSize: 1, network: { name: 'unet2d', options: network.config } };
  expect(multiplyAdds({ ...workload, kind: 'sample' }, network.parameters)).toBe(expected);
  expect(multiplyAdds({ ...workload, kind: 'train' }, network.parameters)).toBe(
    3 * expected - conv(8, 1, 4) - 4 * 16,
  );
});

test('DDPM on CIFAR-10 has 35.7 M parameters and 6.1 G multiply-adds an image', () => {
  // Fang et al., "Structural pruning for diffusion models" (2023), table 1, who count layers: without
  // the products of attention, five at 16 × 16 and one at 4 × 4.
  const products = 5 * (2 * 256 ** 2 * 256) + 2 * 16 ** 2 * 256;
  const { network: named, kind } = workloads['cifar-forward'];
  const network = unet2d(named.options);
  const sizes = Object.values(network.parameters).map(({ shape }) =>
    shape.reduce((a, b) => a * b, 1),
  );
  expect(sizes.reduce((a, b) => a + b, 0)).toBe(35_746_307);
  const options = network.config;
  const counted = multiplyAdds(
    { kind, batchSize: 1, network: { name: 'unet2d', options } },
    network.parameters,
  );
  expect((counted - products) / 1e9).toBeCloseTo(6.1, 1);
});
