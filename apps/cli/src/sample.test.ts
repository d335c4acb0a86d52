import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeSafetensors } from '@tweedie/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultOf } from './command-result.testing.js';
import { type SampleFlags, sampleCommand } from './sample.js';
import { trainCommand } from './train.js';

let folder: string;
const at = (...path: string[]) => join(folder, ...path);

const flags: SampleFlags = {
  count: 2,
  sampler: 'ddim',
  grid: 'trailing',
  steps: 2,
  seed: 3,
  weights: 'ema',
  set: ['batchSize=2'],
  backend: 'onnx',
  json: true,
};
const sample = async (file: string, more: Partial<SampleFlags> = {}, run = 'digits') =>
  JSON.parse(await resultOf(() => sampleCommand(at(run), { ...flags, out: at(file), ...more })));
const pixelsOf = (file: string) =>
  decodeSafetensors(readFileSync(at(file))).tensors.samples!.data as Float32Array;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tweedie-sample-'));
  const training = { samples: 0, checkpointEvery: 100, backend: 'onnx', json: true };
  const digits = [
    'network.blockOutChannels=8,16',
    'network.downBlockTypes=DownBlock2D,AttnDownBlock2D',
    'network.upBlockTypes=AttnUpBlock2D,UpBlock2D',
    'data.limit=64',
  ];
  const train = (recipe: string, out: string, more: object) =>
    resultOf(() => trainCommand(recipe, { ...training, out: at(out), steps: 3, set: [], ...more }));
  await train('ddpm-mnist', 'digits', { batch: 4, set: digits });
  await train('ddpm-moons', 'moons', { set: ['network.widths=8,8'] });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('tweedie sample --int8', () => {
  it('says its precision and draws nearly the samples of float32', async () => {
    expect(await sample('float32.safetensors')).toMatchObject({ precision: 'float32' });
    expect(await sample('int8.safetensors', { int8: true })).toMatchObject({
      precision: 'int8',
      backend: 'onnx',
      shape: [2, 28, 28, 1],
    });
    const [exact, rounded] = [pixelsOf('float32.safetensors'), pixelsOf('int8.safetensors')];
    expect(rounded).not.toEqual(exact);
    const squares = (of: (i: number) => number) => exact.reduce((sum, _, i) => sum + of(i) ** 2, 0);
    const error = squares((i) => rounded[i]! - exact[i]!) / squares((i) => exact[i]!);
    // A byte is 1/255 of its range; other noise or another model would be of the order of 1.
    expect(Math.sqrt(error)).toBeLessThan(0.05);
  });

  it('refuses other backends and networks without convolutions, and writes nothing', async () => {
    await expect(sample('no.npy', { int8: true, backend: 'cpu' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(/^[^\n]*backend cpu does not compute in int8[^\n]*$/),
    });
    await expect(sample('no.npy', { int8: true }, 'moons')).rejects.toMatchObject({
      code: 'INVALID_VALUE',
    });
    expect(existsSync(at('no.npy'))).toBe(false);
  });
});
