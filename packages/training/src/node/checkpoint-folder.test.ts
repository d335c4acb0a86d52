import {
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng, floats, TweedieError } from '@tweedie/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TrainingState } from '../training-state.js';
import {
  latestCheckpoint,
  listCheckpoints,
  readCheckpoint,
  saveCheckpoint,
} from './checkpoint-folder.js';
import { readRegularFile } from './regular-file.js';

vi.mock('./regular-file.js', async (original) => {
  const real = await original<typeof import('./regular-file.js')>();
  return { ...real, readRegularFile: vi.fn(real.readRegularFile) };
});
const realRegularFile =
  await vi.importActual<typeof import('./regular-file.js')>('./regular-file.js');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tweedie-checkpoints-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

const stateAt = (step: number): TrainingState => ({
  step,
  rng: createRng(1).state(),
  config: { name: 'test' },
  params: { w: floats([step, 2, 3], [3]) },
  ema: { w: floats([4, 5, 6], [3]) },
  slots: { mean: { w: floats([7, 8, 9], [3]) } },
});
const pathAt = (step: number) => join(folder, `step-${String(step).padStart(8, '0')}.safetensors`);

describe('saveCheckpoint', () => {
  it('writes files that sort by step, and keeps the newest', async () => {
    for (const step of [9, 10, 100]) await saveCheckpoint(folder, stateAt(step), { keep: 3 });
    const names = ['step-00000009', 'step-00000010', 'step-00000100'];
    expect((await readdir(folder)).sort()).toEqual(names.map((name) => `${name}.safetensors`));
    expect(await saveCheckpoint(folder, stateAt(123456789))).toBe(pathAt(123456789));
    expect(await listCheckpoints(folder)).toEqual([123456789, 100]);
    await saveCheckpoint(folder, stateAt(123456790), { keep: 1 });
    expect(await listCheckpoints(folder)).toEqual([123456790]);
  });

  it('leaves files of others alone', async () => {
    const others = ['notes.txt', 'step-1.safetensors', 'step-00000001.safetensors.bak'];
    for (const name of others) await writeFile(join(folder, name), 'mine');
    for (const step of [2, 3]) await saveCheckpoint(folder, stateAt(step), { keep: 1 });
    expect((await readdir(folder)).sort()).toEqual([...others, 'step-00000003.safetensors'].sort());
  });

  it('replaces one of the same step', async () => {
    await saveCheckpoint(folder, stateAt(5));
    await saveCheckpoint(folder, { ...stateAt(5), config: { name: 'second' } });
    expect((await readCheckpoint(folder, 5)).state.config).toEqual({ name: 'second' });
  });

  it('removes later ones, which the run went back behind, before good earlier ones', async () => {
    for (const step of [10, 20]) await saveCheckpoint(folder, stateAt(step), { keep: 2 });
    await writeFile(pathAt(20), 'damaged');
    await saveCheckpoint(folder, stateAt(15), { keep: 2 });
    expect(await listCheckpoints(folder)).toEqual([15, 10]);
  });

  it('refuses to keep none', async () => {
    await expect(saveCheckpoint(folder, stateAt(1), { keep: 0 })).rejects.toThrow(
      'the number of checkpoints to keep is 0',
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(['writeFile', 'sync'] as const)(
    'leaves the last good one, and nothing half-written, when the disk is full at %s',
    async (method) => {
      await saveCheckpoint(folder, stateAt(10), { keep: 1 });
      const before = await readFile(pathAt(10));
      await failOnce(method, 'ENOSPC');
      const error: unknown = await saveCheckpoint(folder, stateAt(20), { keep: 1 }).catch(
        (cause) => cause,
      );
      vi.restoreAllMocks();
      expect(error).toMatchObject({ code: 'IO' });
      expect((error as Error).message).toContain("step-00000020.safetensors' failed (ENOSPC:");
      expect((error as Error).message).toContain('Fix: free some space on the disk');
      expect(await readdir(folder)).toEqual(['step-00000010.safetensors']);
      expect(await readFile(pathAt(10))).toEqual(before);
      await saveCheckpoint(folder, stateAt(20), { keep: 1 });
      expect((await latestCheckpoint(folder))?.state).toEqual(stateAt(20));
    },
  );
});

/** Makes a file operation fail, after it wrote half of what it was given. */
async function failOnce(method: 'writeFile' | 'sync', code: string): Promise<void> {
  const probe = await open(join(folder, 'probe'), 'w');
  const prototype = Object.getPrototypeOf(probe);
  await probe.close();
  await rm(join(folder, 'probe'));
  const original = prototype[method];
  vi.spyOn(prototype, method).mockImplementationOnce(async function (
    this: unknown,
    content: unknown,
  ) {
    const half = content instanceof Uint8Array ? content.subarray(0, content.length >> 1) : content;
    await original.call(this, half);
    throw Object.assign(new Error('no space left on device'), { code });
  });
}

describe('latestCheckpoint', () => {
  it('finds none in an empty folder, or where there is no folder', async () => {
    expect(await latestCheckpoint(folder)).toBeUndefined();
    expect(await latestCheckpoint(join(folder, 'none'))).toBeUndefined();
  });

  it('gives the newest, without warnings', async () => {
    for (const step of [1, 2, 3]) await saveCheckpoint(folder, stateAt(step), { keep: 3 });
    expect(await latestCheckpoint(folder)).toEqual({
      state: stateAt(3),
      path: pathAt(3),
      ofRun: false,
      warnings: [],
    });
  });

  it('passes over what was torn at any byte, and names it', async () => {
    for (const step of [1, 2]) await saveCheckpoint(folder, stateAt(step));
    const whole = await readFile(pathAt(2));
    for (let length = 0; length < whole.length; length += 7) {
      await writeFile(pathAt(2), whole.subarray(0, length));
      const found = await latestCheckpoint(folder);
      expect(found?.state).toEqual(stateAt(1));
      expect(found?.warnings).toHaveLength(1);
      expect(found?.warnings[0]).toContain(`'${pathAt(2)}'`);
    }
  });

  it('passes over bit flips at any place', async () => {
    for (const step of [1, 2]) await saveCheckpoint(folder, stateAt(step));
    const whole = await readFile(pathAt(2));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (at, bit) => {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= 1 << bit;
        await writeFile(pathAt(2), bytes);
        expect((await latestCheckpoint(folder))?.state).toEqual(stateAt(1));
      }),
    );
  });

  it('passes over a file that holds another step than its name says', async () => {
    for (const step of [1, 2]) await saveCheckpoint(folder, stateAt(step));
    await rename(pathAt(2), pathAt(3));
    const found = await latestCheckpoint(folder);
    expect(found?.state.step).toBe(1);
    expect(found?.warnings[0]).toContain('it holds step 2; it was renamed');
  });

  it('says so when none is whole, and does not begin anew behind the back', async () => {
    await saveCheckpoint(folder, stateAt(1));
    await writeFile(pathAt(1), 'torn');
    const error: unknown = await latestCheckpoint(folder).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'CORRUPT_FILE' });
    expect((error as Error).message).toContain('none of the 1 checkpoints');
    expect((error as Error).message).toContain(pathAt(1));
  });

  it('ignores what a killed run was writing', async () => {
    await saveCheckpoint(folder, stateAt(1));
    await cp(pathAt(1), join(folder, '.step-00000002.safetensors.0a1b2c3d4e5f.tweedie-tmp'));
    expect((await latestCheckpoint(folder))?.state.step).toBe(1);
  });

  it('is a newer one when another process has removed what was listed', async () => {
    await saveCheckpoint(folder, stateAt(1));
    vi.mocked(readRegularFile).mockImplementationOnce(async (path) => {
      await saveCheckpoint(folder, stateAt(2), { keep: 1 });
      return realRegularFile.readRegularFile(path);
    });
    const found = await latestCheckpoint(folder);
    expect(found).toEqual({ state: stateAt(2), path: pathAt(2), ofRun: false, warnings: [] });
  });

  it('passes over a link to nothing', async () => {
    await saveCheckpoint(folder, stateAt(1));
    await symlink(join(folder, 'nothing'), pathAt(2));
    const found = await latestCheckpoint(folder);
    expect(found?.state.step).toBe(1);
    expect(found?.warnings).toEqual([`'${pathAt(2)}' leads to no file.`]);
  });

  it('says what the system refuses', async () => {
    await mkdir(pathAt(4));
    const error: unknown = await latestCheckpoint(folder).catch((cause) => cause);
    expect(TweedieError.isInstance(error) && error.code).toBe('IO');
    expect((error as Error).message).toContain('is no regular file');
  });
});

describe('readCheckpoint', () => {
  it('reads the one that is asked for, or says which there are', async () => {
    for (const step of [1, 2]) await saveCheckpoint(folder, stateAt(step));
    expect((await readCheckpoint(folder, 1)).state).toEqual(stateAt(1));
    await expect(readCheckpoint(folder, 7)).rejects.toThrow(
      'has no checkpoint of step 7. Allowed: the steps 2, 1.',
    );
  });
});
