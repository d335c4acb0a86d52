import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sampleCommand } from './sample.js';
import { trainCommand } from './train.js';

const base = mkdtempSync(join(tmpdir(), 'tweedie-sizes-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const flags = { samples: 0, checkpointEvery: 100, backend: 'cpu', json: true, set: [] };

describe('sizes beyond any machine', () => {
  it.each([
    [
      '--batch 1e12',
      { batch: 1e12 },
      /training would take about 6\.2 PB of memory: activations of 1000000000000 items/,
    ],
    ['--batch 1e300', { batch: 1e300 }, /training would take about/],
    ['widths of a million', { set: ['network.widths=1000000,1000000'] }, /about 20 TB of memory/],
    [
      '--samples 1e12',
      { samples: 1e12 },
      /sampling would take about \d+\.?\d* TB of memory: 1000000000000 samples 8\.0 TB/,
    ],
    [
      '4·10⁹ schedule steps',
      { set: ['schedule.steps=4000000000'] },
      /about 400 GB of memory\. Allowed: .*at most 100000/,
    ],
    [
      'a batch of samples',
      { set: ['sampling.batchSize=1000000000000'], samples: 1 },
      /sampling would take about/,
    ],
    [
      'images of 10⁶ pixels a side',
      { set: ['network=unet2d', 'network.sampleSize=1000000'] },
      /takes items of shape \[1000000, 1000000, 3\]/,
    ],
  ])('%s are refused in one line, and no folder is made', async (name, more, message) => {
    const out = join(base, name.replaceAll(/\W/g, ''));
    const error = await trainCommand('ddpm-moons', { ...flags, ...more, out }).catch(
      (cause: Error) => cause,
    );
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('\n');
    expect(existsSync(out)).toBe(false);
  });

  it('-n 1e12 is refused with an estimate', async () => {
    const run = join(import.meta.dirname, 'golden', 'adamw-in-training-options');
    const sampling = { count: 1e12, seed: 0, backend: 'cpu', json: true };
    await expect(sampleCommand(run, { ...sampling, out: join(base, 'x.npy') })).rejects.toThrow(
      /sampling would take about 8\.0 TB of memory: 1000000000000 samples 8\.0 TB.*Fix: sample fewer items/,
    );
  });

  it('stepsPerLevel 1e9 is refused', async () => {
    const set = ['sampling.sampler=annealed-langevin', 'sampling.sampler.stepsPerLevel=1000000000'];
    await expect(trainCommand('ddpm-moons', { ...flags, set })).rejects.toThrow(
      "sampling.sampler.stepsPerLevel is '1000000000'. Allowed: a whole number at least 1 and at most 1000000.",
    );
  });
});
