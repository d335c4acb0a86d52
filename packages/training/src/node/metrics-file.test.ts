import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MetricsRecord, openMetrics, readMetrics } from './metrics-file.js';

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
async function records(): Promise<readonly MetricsRecord[]> {
  const found: MetricsRecord[] = [];
  for await (const record of readMetrics(path)) found.push(record);
  return found;
}
const stepsIn = async () => (await records()).map(({ step }) => step);

describe('metrics', () => {
  it('are lines of JSON', async () => {
    await write(0, [1, 2]);
    expect(await readFile(path, 'utf8')).toBe('{"step":1,"loss":0.5}\n{"step":2,"loss":1}\n');
    expect(await records()).toEqual([
      { step: 1, loss: 0.5 },
      { step: 2, loss: 1 },
    ]);
  });

  it('are none where there is no file', async () => {
    expect(await records()).toEqual([]);
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

  it('are read by line in little memory, beyond what a text may be long', async () => {
    const first = '{"step":1,"loss":0.5}\n';
    const file = await open(path, 'w');
    await file.write(first);
    // A hole of zeros takes no room on the disk.
    await file.write(`\n${'{"step":2}\n'.repeat(2)}{"step":3}\n`, 600 * 2 ** 20);
    await file.close();
    const before = process.memoryUsage.rss();
    expect(await stepsIn()).toEqual([1, 2, 2, 3]);
    await write(2, [3]);
    // The whole file would be 600 MiB, twice that as a text.
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 2 ** 20);
    expect(await readFile(path, 'utf8')).toBe(`${first}{"step":2}\n{"step":3,"loss":1.5}\n`);
  });

  it('pass over lines that are no records, one of two megabytes too', async () => {
    const lines = [
      'null',
      '[]',
      '{"step":"1"}',
      '{"step":1.5}',
      `"${'x'.repeat(2e6)}"`,
      '{"step":1}',
    ];
    await writeFile(path, `${lines.join('\n')}\n`);
    expect(await stepsIn()).toEqual([1]);
  });

  it.runIf(process.platform !== 'win32')('are no pipe, which would never end', async () => {
    execFileSync('mkfifo', [path]);
    await expect(stepsIn()).rejects.toThrow('is no regular file');
    await expect(openMetrics(path, 0)).rejects.toThrow('is no regular file');
  });
});
