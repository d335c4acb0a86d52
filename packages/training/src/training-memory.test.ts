import { createParameterLayout } from '@tweedie/autodiff';
import { cpuBackend } from '@tweedie/backend-eager';
import { noisePrediction, totalBytes } from '@tweedie/core';
import { points, twoMoons } from '@tweedie/data';
import { simpleLoss } from '@tweedie/losses';
import { mlp, unet2d } from '@tweedie/networks';
import { cosine } from '@tweedie/schedules';
import { describe, expect, it } from 'vitest';
import { train } from './train.js';
import { trainingMemory } from './training-memory.js';

const parts = { parameterization: noisePrediction(), schedule: cosine() };
const digits = unet2d({
  sampleSize: 28,
  inChannels: 1,
  outChannels: 1,
  blockOutChannels: [32, 64],
  downBlockTypes: ['DownBlock2D', 'DownBlock2D'],
  upBlockTypes: ['UpBlock2D', 'UpBlock2D'],
});
const bytesOf = (memory: ReturnType<typeof trainingMemory>, what: string) =>
  memory.find((part) => part.what.startsWith(what))!.bytes;

describe('trainingMemory', () => {
  it('counts what is kept of the parameters exactly', () => {
    const memory = trainingMemory({ model: { network: digits }, data: { itemShape: [28, 28, 1] } });
    const { size } = createParameterLayout(digits.parameters);
    expect(bytesOf(memory, 'parameters')).toBe(4 * size);
    expect(bytesOf(memory, 'their average')).toBe(8 * size);
    expect(bytesOf(memory, 'the optimizer')).toBe(8 * size);
  });

  it('grows with the batch in what an item takes', () => {
    const at = (batchSize: number) =>
      trainingMemory({ model: { network: mlp() }, data: twoMoons(), options: { batchSize } });
    expect(bytesOf(at(200), 'activations')).toBe(200 * bytesOf(at(1), 'activations'));
    // 2 · 4 bytes of three layers of 128 and one of 2, for each item.
    expect(bytesOf(at(1), 'activations')).toBe(8 * (3 * 128 + 2));
    expect(totalBytes(at(64))).toBeLessThan(5e6);
  });
});

describe('a training run beyond any machine', () => {
  const start = (network: ReturnType<typeof mlp>, batchSize = 64) =>
    train({
      model: { network, ...parts },
      loss: simpleLoss(),
      data: twoMoons(),
      backend: cpuBackend(),
      options: { batchSize },
    });

  it('is refused with an estimate before anything is allocated', () => {
    const before = process.memoryUsage().rss;
    expect(() => start(mlp({ widths: [1_000_000, 1_000_000] }))).toThrow(
      /training would take about 20 TB of memory: their average and gradient 8\.0 TB, the optimizer's vectors 8\.0 TB, parameters 4\.0 TB, .*Allowed: at most 1\.1 TB.*Fix: lower training\.batchSize, or the sizes of network 'mlp'/,
    );
    expect(() => start(mlp(), 1e12)).toThrow(/activations of 1000000000000 items 3\.1 PB/);
    expect(() => start(mlp(), 1e300)).toThrow(/would take about/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });

  it('is refused for images of 10⁶ pixels a side', () => {
    const network = unet2d({ ...digits.config, sampleSize: 1e6 } as never);
    const data = points([[1, 2]]);
    const large = { ...data, itemShape: [1e6, 1e6, 1] };
    const options = { batchSize: 1 };
    const request = { model: { network, ...parts }, loss: simpleLoss(), data: large, options };
    expect(() => train({ ...request, backend: cpuBackend() })).toThrow(/would take about \d+ PB/);
  });
});
