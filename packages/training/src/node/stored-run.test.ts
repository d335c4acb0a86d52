import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng, floats, type JsonObject, TweedieError } from '@tweedie/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TrainingState } from '../training-state.js';
import { saveCheckpoint } from './checkpoint-folder.js';
import { loadRun } from './load-run.js';
import { openRunFolder } from './run-folder.js';
import { readRunConfig, runPaths } from './stored-run.js';

const config = {
  network: { name: 'mlp', widths: [6] },
  training: { steps: 10 },
  sampling: { n: 1 },
};
const mayChange = ['training.steps', 'sampling'];
const checkpoint = 'step-00000004.safetensors';

function stateAt(step: number): TrainingState {
  const weights = { w: floats([step]) };
  const slots = { mean: weights };
  return { step, rng: createRng(3).state(), config: {}, params: weights, ema: weights, slots };
}

let run: string;
beforeEach(async () => {
  run = join(await mkdtemp(join(tmpdir(), 'tweedie-stored-run-')), 'run');
  const folder = await openRunFolder(run, config);
  await folder.saveCheckpoint(stateAt(2));
  await folder.saveCheckpoint(stateAt(4));
  await folder.close();
});
afterEach(() => rm(join(run, '..'), { recursive: true, force: true }));

async function failure(work: Promise<unknown>): Promise<TweedieError> {
  const error: unknown = await work.then(
    () => undefined,
    (cause) => cause,
  );
  if (TweedieError.isInstance(error)) return error;
  throw error ?? new Error('nothing was thrown');
}

const store = (changed: JsonObject) =>
  writeFile(runPaths(run).config, JSON.stringify({ format: 'tweedie-run-1', config: changed }));
const resume = async (given: JsonObject, options = {}) => {
  const folder = await openRunFolder(run, given, { resume: true, mayChange, ...options });
  await folder.close();
  return folder;
};

describe('a config.json that is not that of the weights', () => {
  const wider = { ...config, network: { name: 'mlp', widths: [8] } };

  it('is refused with both values, on resuming and on sampling', async () => {
    await store(wider);
    for (const work of [loadRun(run, { mayChange }), resume(wider)]) {
      const error = await failure(work);
      expect(error.code).toBe('CORRUPT_FILE');
      expect(error.message).toContain(
        `is not that of its checkpoint '${join(run, 'checkpoints', checkpoint)}': network.widths is [8] in config.json and [6] in the checkpoint`,
      );
      expect(error.message).toContain('Fix: undo the change, or remove config.json');
    }
    await rm(runPaths(run).config);
    expect((await loadRun(run)).config).toEqual(config);
  });

  it('may differ in what may change', async () => {
    const longer = { ...config, training: { steps: 20 }, sampling: { n: 2 } };
    await store(longer);
    expect((await loadRun(run, { mayChange })).config).toEqual(longer);
    expect((await resume(longer)).initial?.step).toBe(4);
    expect((await failure(loadRun(run))).message).toContain('training.steps is 20 in config.json');
  });

  it('is read as earlier versions wrote it, the checkpoint too, and errors name the file', async () => {
    const upgrade = ({ network, ...rest }: JsonObject) => ({ ...rest, net: network! });
    const { network, ...rest } = config;
    await store({ ...rest, net: network } as JsonObject);
    expect(
      (await loadRun(run, { readStored: (stored) => ({ net: 1, training: stored.training! }) }))
        .step,
    ).toBe(4);
    await store(config);
    expect((await loadRun(run, { readStored: upgrade })).config).toHaveProperty('net');
    const error = await failure(
      loadRun(run, {
        readStored() {
          throw new TweedieError({ code: 'INVALID_OPTION', package: 'x', given: 'widths is 0' });
        },
      }),
    );
    expect(error.message).toBe(
      `[training] the configuration in '${runPaths(run).config}' cannot be read: [x] widths is 0.`,
    );
  });

  it.each(['[]', 'null', '3', '"x"'])('is refused where it is %s', async (text) => {
    await writeFile(runPaths(run).config, `{"format":"tweedie-run-1","config":${text}}`);
    expect((await failure(loadRun(run))).message).toContain('it holds no configuration');
  });
});

describe('a run without its config.json', () => {
  it('is gone on with by the configuration of its newest good checkpoint, which is said', async () => {
    const before = await readFile(runPaths(run).config);
    await rm(runPaths(run).config);
    const other = { ...config, network: { name: 'unet' } };
    expect((await failure(resume(other))).message).toContain(
      'network.name was "mlp" and is "unet"',
    );
    const { initial, warnings } = await resume(config);
    expect(initial?.step).toBe(4);
    const path = join(run, 'checkpoints', checkpoint);
    expect(warnings).toEqual([
      `'${run}' has no config.json; its configuration is that of '${path}'`,
    ]);
    expect(await readFile(runPaths(run).config)).toEqual(before);
    expect((await resume(config)).warnings).toEqual([]);
  });

  it('is sampled, also where the newest checkpoint is damaged', async () => {
    await rm(runPaths(run).config);
    await writeFile(join(run, 'checkpoints', checkpoint), 'damaged');
    const { config: found, step, warnings } = await loadRun(run);
    expect({ found, step }).toEqual({ found: config, step: 2 });
    expect(warnings.map((line) => line.includes('step-00000004'))).toEqual([true, false]);
    await expect(readRunConfig(run)).rejects.toThrow('is not a run folder');
  });

  it('is not taken for an empty folder', async () => {
    await rm(runPaths(run).config);
    expect((await failure(openRunFolder(run, config))).message).toContain('already holds a run');
  });

  it('is what a config.json that is no JSON says to make of it', async () => {
    await writeFile(runPaths(run).config, '{"format":');
    expect((await failure(loadRun(run))).message).toContain(
      "once it is removed, a checkpoint's configuration is taken",
    );
  });
});

it('a checkpoint of an earlier version, without the hash, is taken; one that says something else is told', async () => {
  const { checkpoints } = runPaths(run);
  await saveCheckpoint(checkpoints, { ...stateAt(6), config });
  expect(await loadRun(run)).toMatchObject({ step: 6, warnings: [] });
  await saveCheckpoint(checkpoints, { ...stateAt(8), config: { other: 1 } });
  const { step, warnings } = await loadRun(run);
  expect(step).toBe(8);
  expect(warnings).toEqual([
    `'${join(checkpoints, 'step-00000008.safetensors')}' is of an earlier version, and its configuration is not that of config.json`,
  ]);
});
