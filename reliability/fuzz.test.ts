import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fuzzer } from './fuzz/fuzzer.js';

const folder = join(import.meta.dirname, 'fuzz');
/** Few, so that all together take seconds; `run.mjs` tries as many as it is told. */
const count = 500;
const slowest = 2000;

/** Milliseconds of processor time of this process, which a busy machine does not stretch. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** A few inputs of each fuzzer, in this process. */
describe('fuzzers', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.fuzz.ts'));

  it.each(files)('%s finds nothing', async (file) => {
    const { fuzzer } = (await import(join(folder, file))) as { readonly fuzzer: Fuzzer };
    const faults: string[] = [];
    let last = { index: -1, at: processorTime() };
    const counts = await fuzzer.run({
      seed: 1,
      count,
      report: {
        input(index) {
          const now = processorTime();
          if (now - last.at > slowest) faults.push(`${last.index}: took ${now - last.at} ms`);
          last = { index, at: now };
        },
        fault: (index, what) => faults.push(`${index}: ${what}`),
      },
    });
    expect(faults).toEqual([]);
    expect(counts.inputs).toBe(count);
    expect(counts.accepted + counts.refused).toBe(count);
  });
});
