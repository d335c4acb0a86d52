import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeSafetensors } from '@tweedie/training';
import { latestCheckpoint, readRunConfig } from '@tweedie/training/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resultOf } from './command-result.testing.js';
import { sampleCommand } from './sample.js';
import { trainCommand } from './train.js';

const stored = (name: string) => join(import.meta.dirname, 'golden', name);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tweedie-stored-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the settings of a run's command were; each stored run was made by this command. */
const settings = { seed: 3, batch: 16, samples: 0, checkpointEvery: 4, backend: 'cpu', json: true };

/**
 * Float32 rounds to 6e-8, and Math.log and Math.cos, which noise passes through, differ in their last
 * digit between versions of JavaScript engines. On the engine that made a run the bits are its own.
 */
function expectClose(actual: Float32Array, expected: ArrayLike<number>, what: string): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    const error = Math.abs(value - expected[i]!);
    expect(error, what).toBeLessThanOrEqual(1e-5 * Math.max(1e-3, Math.abs(expected[i]!)));
  });
}

// Made before optimizers were plug-ins: `tweedie train ddpm-moons --seed 3 --samples 0 --steps 8
// --batch 16 --checkpoint-every 4 --backend cpu --set network.widths=6 --set training.warmupSteps=2
// --set training.weightDecay=0.01 --set training.beta2=0.98`.
describe('a run whose training options hold those of AdamW', () => {
  const run = stored('adamw-in-training-options');
  const resume = (out: string, set: readonly string[]) =>
    resultOf(() =>
      trainCommand('ddpm-moons', {
        ...settings,
        out,
        steps: 8,
        resume: true,
        set: ['network.widths=6', 'training.warmupSteps=2', ...set],
      }),
    );
  const copyOf = (name: string) => {
    const copy = join(folder, name);
    cpSync(run, copy, { recursive: true });
    return copy;
  };

  it('goes on from its checkpoint to the weights that it reached then', async () => {
    const out = copyOf('resumed');
    rmSync(join(out, 'checkpoints/step-00000008.safetensors'));
    await resume(out, ['optimizer.weightDecay=0.01', 'optimizer.beta2=0.98']);
    const reached = await latestCheckpoint(join(out, 'checkpoints'));
    const { state: expected } = (await latestCheckpoint(join(run, 'checkpoints')))!;
    expect(reached?.state.step).toBe(8);
    for (const [part, ours, theirs] of [
      ['params', reached!.state.params, expected.params],
      ['ema', reached!.state.ema, expected.ema],
      ['mean', reached!.state.slots.mean!, expected.slots.mean!],
      ['variance', reached!.state.slots.variance!, expected.slots.variance!],
    ] as const) {
      expect(Object.keys(ours)).toEqual(Object.keys(theirs));
      for (const [name, { data }] of Object.entries(theirs)) {
        expectClose(ours[name]!.data, data, `${part}.${name}`);
      }
    }
    expect(await readRunConfig(out)).toMatchObject({
      optimizer: { name: 'adamw', options: { weightDecay: 0.01, beta2: 0.98 } },
    });
  });

  it('is resumed with its own optimizer only', async () => {
    await expect(
      resume(copyOf('refused'), ['optimizer.weightDecay=0.01', 'optimizer.beta2=0.99']),
    ).rejects.toThrow('optimizer.options.beta2 was 0.98 and is 0.99');
    await expect(resume(copyOf('other'), ['optimizer=sgd'])).rejects.toThrow(
      'optimizer.name was "adamw" and is "sgd"',
    );
  });

  it('draws the samples that it drew then', async () => {
    const out = join(folder, 'samples.safetensors');
    const flags = {
      count: 3,
      seed: 2,
      steps: 6,
      sampler: 'ddim',
      weights: 'ema' as const,
      set: [],
    };
    await resultOf(() => sampleCommand(run, { ...flags, out, backend: 'cpu', json: true }));
    const { data, shape } = decodeSafetensors(readFileSync(out)).tensors.samples!;
    expect(shape).toEqual([3, 2]);
    expectClose(
      data as Float32Array,
      [
        10119.1484375, -18132.48046875, -4716.55224609375, -9221.798828125, -27501.91015625,
        -50296.32421875,
      ],
      'samples',
    );
  });
});
