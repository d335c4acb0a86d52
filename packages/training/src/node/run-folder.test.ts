import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuBackend } from '@tweedie/backend-eager';
import { createRng, floats, type JsonObject, TweedieError } from '@tweedie/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { data, loss, model } from '../gaussian-denoising.fixture.js';
import { train } from '../train.js';
import type { TrainingState } from '../training-state.js';
import { loadRun } from './load-run.js';
import { type MetricsRecord, readMetrics } from './metrics-file.js';
import { openRunFolder, type RunFolderOptions } from './run-folder.js';
import { readRunConfig } from './stored-run.js';

let base: string;
let run: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'tweedie-run-'));
  run = join(base, 'deep', 'run');
});
afterEach(() => rm(base, { recursive: true, force: true }));

const config = { network: { name: 'affine' }, training: { steps: 10, seed: 3 } };
const training = { steps: 10, batchSize: 4, learningRate: 0.05, seed: 3 };

async function failure(work: Promise<unknown>): Promise<TweedieError> {
  const error: unknown = await work.then(
    () => undefined,
    (cause) => cause,
  );
  if (TweedieError.isInstance(error)) return error;
  throw error ?? new Error('nothing was thrown');
}

/** Trains in a folder as a program would, checkpoints every third step, and stops dead at a step. */
async function trainIn(path: string, stopAt: number, options: RunFolderOptions = {}) {
  const folder = await openRunFolder(path, config, options);
  const running = train({
    model,
    loss,
    data,
    backend: cpuBackend(),
    options: training,
    initial: folder.initial,
  });
  const begun = running.step;
  let last: TrainingState | undefined;
  for await (const record of running) {
    await folder.appendMetrics(record);
    if (record.step % 3 === 0) await folder.saveCheckpoint(await running.snapshot());
    if (record.step === stopAt) break;
  }
  if (running.step === training.steps) {
    last = await running.snapshot();
    await folder.saveCheckpoint(last);
  }
  await running.dispose();
  await folder.close();
  return { begun, last, warnings: folder.warnings };
}

/** The metrics of a run, without what depends on the machine. */
async function metricsOf(path: string): Promise<readonly MetricsRecord[]> {
  const records: MetricsRecord[] = [];
  for await (const { itemsPerSecond: _, ...record } of readMetrics(join(path, 'metrics.jsonl'))) {
    records.push(record);
  }
  return records;
}
const stepsIn = async (path: string) => (await metricsOf(path)).map(({ step }) => step);

describe('a new run folder', () => {
  it('is made with all that it holds', async () => {
    const folder = await openRunFolder(run, config);
    const parts = ['checkpoints', 'config.json', 'metrics.jsonl'];
    expect((await readdir(run)).sort()).toEqual(['.lock', ...parts]);
    expect(folder.initial).toBeUndefined();
    expect(folder.warnings).toEqual([]);
    await folder.close();
    expect((await readdir(run)).sort()).toEqual(parts);
    expect(await readRunConfig(run)).toEqual(config);
  });

  it('may be an empty folder, or what a run that was killed at once left', async () => {
    await mkdir(run, { recursive: true });
    await writeFile(join(run, '.config.json.0a1b2c3d4e5f.tweedie-tmp'), '{"for');
    await (await openRunFolder(run, config)).close();
    expect((await readdir(run)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('is no folder with other files, with or without resume', async () => {
    await mkdir(run, { recursive: true });
    await writeFile(join(run, 'thesis.tex'), 'mine');
    for (const resume of [false, true]) {
      const error = await failure(openRunFolder(run, config, { resume }));
      expect(error.message).toContain(`'${run}' holds files and is not a run folder`);
    }
    expect(await readdir(run)).toEqual(['thesis.tex']);
  });

  it('is no folder with a config.json of another program', async () => {
    await mkdir(run, { recursive: true });
    await writeFile(join(run, 'config.json'), '{"_class_name":"UNet2DModel"}');
    const error = await failure(openRunFolder(run, config, { resume: true }));
    expect(error.message).toContain('is not a run folder');
    expect(await readdir(run)).toEqual(['config.json']);
  });

  it('does not take the place of a run', async () => {
    await (await openRunFolder(run, config)).close();
    const error = await failure(openRunFolder(run, config));
    expect(error.message).toContain('already holds a run. Fix: set resume to go on with it');
  });

  it('needs a path that can be written, and leaves nothing of one that cannot', async () => {
    const file = join(base, 'file');
    await writeFile(file, 'mine');
    for (const path of [file, join(file, 'run')]) {
      const error = await failure(openRunFolder(path, config));
      expect(error.code).toBe('IO');
      expect(error.message).toContain('choose a path of which every part is a folder');
    }
    const tooLong = join(base, 'a', 'b', 'n'.repeat(300));
    expect((await failure(openRunFolder(tooLong, config))).code).toBe('IO');
    expect(await readFile(file, 'utf8')).toBe('mine');
  });
});

describe('a resumed run', () => {
  it('ends as one that was not interrupted, wherever it was killed', async () => {
    const whole = await trainIn(run, 10);
    const metrics = await metricsOf(run);
    for (let stop = 1; stop < 10; stop++) {
      const path = join(base, `stopped-${stop}`);
      await trainIn(path, stop);
      const resumed = await trainIn(path, 10, { resume: true });
      expect(resumed.begun).toBe(stop - (stop % 3));
      expect(resumed.last).toEqual(whole.last);
      expect(await metricsOf(path)).toEqual(metrics);
    }
  });

  it('is a new one where there is no folder, and begins anew where there is no checkpoint', async () => {
    expect((await trainIn(run, 2, { resume: true })).begun).toBe(0);
    expect(await stepsIn(run)).toEqual([1, 2]);
    expect((await trainIn(run, 1, { resume: true })).begun).toBe(0);
    expect(await stepsIn(run)).toEqual([1]);
  });

  it('goes on from the last good checkpoint, with a warning, when the last was damaged', async () => {
    const { last } = await trainIn(join(base, 'whole'), 10);
    await trainIn(run, 7);
    const damaged = join(run, 'checkpoints', 'step-00000006.safetensors');
    const bytes = await readFile(damaged);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(damaged, bytes);
    const resumed = await trainIn(run, 10, { resume: true });
    expect(resumed.begun).toBe(3);
    expect(resumed.warnings).toHaveLength(1);
    expect(resumed.warnings[0]).toContain(damaged);
    expect(resumed.last).toEqual(last);
    expect(await stepsIn(run)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('removes what was half-written', async () => {
    await trainIn(run, 4);
    const left = '.step-00000004.safetensors.0a1b2c3d4e5f.tweedie-tmp';
    await writeFile(join(run, 'checkpoints', left), 'half');
    await (await openRunFolder(run, config, { resume: true })).close();
    expect(await readdir(join(run, 'checkpoints'))).toEqual(['step-00000003.safetensors']);
  });

  it('has the same configuration, but for what may change', async () => {
    await trainIn(run, 4);
    const before = await readFile(join(run, 'config.json'));
    const open = (changed: JsonObject, mayChange?: readonly string[]) =>
      openRunFolder(run, changed, { resume: true, mayChange });
    const longer = { ...config, training: { steps: 20, seed: 3 } };
    const error = await failure(open(longer));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain('training.steps was 10 and is 20');
    const other = { ...longer, network: { name: 'mlp', options: { widths: [1] } } };
    expect((await failure(open(other, ['training.steps']))).message).toContain(
      'network.name was "affine" and is "mlp", network.options was not set and is {"widths":[1]}. Allowed: changes of training.steps',
    );
    expect((await failure(open(longer, ['training.step', 'net']))).code).toBe('INVALID_OPTION');
    expect(await readFile(join(run, 'config.json'))).toEqual(before);
    expect(await stepsIn(run)).toEqual([1, 2, 3, 4]);

    await (await open(other, ['training', 'network'])).close();
    expect(await readRunConfig(run)).toEqual(other);
  });

  it('says when its configuration cannot be read', async () => {
    await trainIn(run, 1);
    await writeFile(join(run, 'config.json'), '{"format":');
    const error = await failure(openRunFolder(run, config, { resume: true }));
    expect(error.code).toBe('CORRUPT_FILE');
    expect(error.message).toContain("config.json': it is not JSON");
  });
});

describe('symbolic links out of a run folder', () => {
  let outside: string;
  beforeEach(async () => {
    outside = join(base, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'mine'), 'mine');
  });

  it.each([
    ['metrics.jsonl', 'mine'],
    ['metrics.jsonl', 'not there'],
    ['config.json', 'config.json'],
    ['checkpoints', '.'],
    ['samples', '.'],
    ['samples.png', 'mine'],
    ['.lock', 'mine'],
  ])('are refused for writing: %s to %s', async (name, target) => {
    await trainIn(run, 1);
    const left = await readdir(run);
    if (name === 'config.json') await cp(join(run, name), join(outside, name));
    await rm(join(run, name), { recursive: true, force: true });
    await symlink(join(outside, target), join(run, name));
    const before = await readdir(outside);
    const error = await failure(openRunFolder(run, config, { resume: true }));
    expect(error.code).toBe('IO');
    expect(error.message).toContain(
      `${name}' is a symbolic link, and what a run writes stays in its folder`,
    );
    expect(await readdir(outside)).toEqual(before);
    expect(await readFile(join(outside, 'mine'), 'utf8')).toBe('mine');
    expect((await readdir(run)).sort()).toEqual([...new Set([...left, name])].sort());
  });

  it('are refused that come while a run is open', async () => {
    const folder = await openRunFolder(run, config);
    await rm(join(run, 'checkpoints'), { recursive: true });
    await symlink(outside, join(run, 'checkpoints'));
    await rm(join(run, 'metrics.jsonl'));
    await symlink(join(outside, 'mine'), join(run, 'metrics.jsonl'));
    await folder.appendMetrics({ step: 1 });
    const params = { w: floats([1]) };
    const state = { step: 1, rng: createRng(1).state(), config, params, ema: params, slots: {} };
    const error = await failure(folder.saveCheckpoint(state));
    expect(error.message).toContain("checkpoints' is a symbolic link");
    await folder.close();
    expect(await readdir(outside)).toEqual(['mine']);
    expect(await readFile(join(outside, 'mine'), 'utf8')).toBe('mine');
  });

  it('may name the whole folder', async () => {
    await trainIn(run, 1);
    await symlink(run, join(base, 'latest'));
    await (await openRunFolder(join(base, 'latest'), config, { resume: true })).close();
  });

  it('are replaced, not followed, by checkpoints of their names', async () => {
    const folder = await openRunFolder(run, config);
    const path = join(run, 'checkpoints', 'step-00000001.safetensors');
    await symlink(join(outside, 'mine'), path);
    const params = { w: floats([1]) };
    const state = { step: 1, rng: createRng(1).state(), config, params, ema: params, slots: {} };
    expect(await folder.saveCheckpoint(state)).toBe(path);
    await folder.close();
    expect(await readFile(join(outside, 'mine'), 'utf8')).toBe('mine');
    expect((await loadRun(run)).step).toBe(1);
  });
});

describe('loadRun', () => {
  it('gives the configuration and the averaged or the trained weights', async () => {
    const { last } = await trainIn(run, 10);
    expect(await loadRun(run)).toEqual({ config, params: last!.ema, step: 10, warnings: [] });
    expect((await loadRun(run, { weights: 'raw' })).params).toEqual(last!.params);
    expect((await loadRun(run, { step: 9 })).step).toBe(9);
    expect((await failure(loadRun(run, { step: 1 }))).message).toContain('the steps 10, 9');
  });

  it('warns of a damaged checkpoint and gives the one before', async () => {
    await trainIn(run, 10);
    await writeFile(join(run, 'checkpoints', 'step-00000010.safetensors'), 'damaged');
    const { step, warnings } = await loadRun(run);
    expect(step).toBe(9);
    expect(warnings[0]).toContain('step-00000010.safetensors');
  });

  it('says what is missing', async () => {
    expect((await failure(loadRun(run))).message).toContain(`'${run}' is not a run folder`);
    await trainIn(run, 1);
    const error = await failure(loadRun(run));
    expect(error.code).toBe('MISSING_DATA');
    expect(error.message).toContain('has no checkpoint yet');
  });
});

describe('a run folder that is discarded', () => {
  it('is removed where the run came to nothing, so that the next may begin there', async () => {
    const folder = await openRunFolder(run, config);
    await folder.discard();
    expect(await readdir(base)).toEqual([]);
    await (await openRunFolder(run, config)).close();
  });

  it('stays where a step was made, or a run was there before', async () => {
    await trainIn(run, 4);
    const before = await readdir(run);
    await (await openRunFolder(run, config, { resume: true })).discard();
    expect(await readdir(run)).toEqual(before);

    const begun = join(base, 'begun');
    const one = await openRunFolder(begun, config);
    await one.appendMetrics({ step: 1, loss: 1 });
    await one.discard();
    expect(await readdir(begun)).toContain('metrics.jsonl');

    const other = join(base, 'other');
    await (await openRunFolder(other, config)).close();
    await (await openRunFolder(other, config, { resume: true })).discard();
    expect(await readdir(other)).toContain('config.json');
  });

  it('that was there and empty is left empty', async () => {
    await mkdir(run, { recursive: true });
    await (await openRunFolder(run, config)).discard();
    expect(await readdir(run)).toEqual([]);
  });
});
