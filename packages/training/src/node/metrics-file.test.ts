import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMetrics, readMetrics } from './metrics-file.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tweedie-metrics-'));
  path = join(folder, 'metrics.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(lastStep: number, steps: readonly number[]): Promise<void> {
  const file = await openMetrics(path, lastStep);
  for (const step of steps) await file.append({ step, loss: step / 2 });
  await file.sync();
  await file.close();
}
const stepsIn = async () => (await readMetrics(path)).map(({ step }) => step);

describe('metrics', () => {
  it('are lines of JSON', async () => {
    await write(0, [1, 2]);
    expect(await readFile(path, 'utf8')).toBe('{"step":1,"loss":0.5}\n{"step":2,"loss":1}\n');
    expect(await readMetrics(path)).toEqual([
      { step: 1, loss: 0.5 },
      { step: 2, loss: 1 },
    ]);
  });

  it('are none where there is no file', async () => {
    expect(await readMetrics(path)).toEqual([]);
  });

  it('go on after the last step, without any step twice', async () => {
    await write(0, [1, 2, 3, 4, 5]);
    await write(3, [4, 5, 6]);
    expect(await stepsIn()).toEqual([1, 2, 3, 4, 5, 6]);
    await write(0, [1]);
    expect(await stepsIn()).toEqual([1]);
  });

  it('survive being cut at any byte', async () => {
    await write(0, [1, 2, 3]);
    const whole = await readFile(path, 'utf8');
    for (let length = 0; length <= whole.length; length++) {
      await writeFile(path, whole.slice(0, length));
      const left = await stepsIn();
      expect([1, 2, 3].slice(0, left.length)).toEqual(left);
      // Whatever was torn, a resumed run writes each step once and every line is whole.
      const done = Math.min(2, left.length);
      await write(done, [1, 2, 3].slice(done));
      expect(await readFile(path, 'utf8')).toBe(whole);
    }
  });
});
