import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TweedieError } from '@tweedie/core';
import { readMetrics } from '@tweedie/training/node';
import { createDice, type Dice } from '../dice.js';
import type { Fuzzer } from './fuzzer.js';

/** Lines of which a file is made, right ones among them. */
const lines = [
  '{"step":1,"loss":0.5}',
  '{"step":2,"loss":null,"itemsPerSecond":1e300}',
  '{"step":2.5}',
  '{"step":-1}',
  '{"step":1e999}',
  '{"step":"3"}',
  '{"__proto__":{"step":4}}',
  '{"step":5,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  '[1,2]',
  'null',
  '6',
  '',
  '\u0000\ufeff\ud800',
  '{"step":7',
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
];

/** Bytes of a metrics file, of lines that were cut, joined and changed. */
function mutated(dice: Dice): Buffer {
  const chosen = Array.from({ length: dice.below(6) }, () => dice.pick(lines));
  const bytes = Buffer.from(chosen.join(dice.oneIn(8) ? '\r\n' : '\n'));
  for (let change = dice.below(4); change > 0 && bytes.length > 0; change--) {
    bytes[dice.below(bytes.length)] = dice.below(256);
  }
  return dice.oneIn(3) ? bytes.subarray(0, dice.below(bytes.length + 1)) : bytes;
}

export const fuzzer: Fuzzer = {
  group: 'decoders',
  name: 'metrics',
  async run({ seed, count, report }) {
    const folder = await mkdtemp(join(tmpdir(), 'tweedie-fuzz-metrics-'));
    const path = join(folder, 'metrics.jsonl');
    const counts = { inputs: count, accepted: 0, refused: 0 };
    try {
      for (let index = 0; index < count; index++) {
        const bytes = mutated(createDice(seed, index));
        await writeFile(path, bytes);
        report.input(index);
        try {
          for await (const { step } of readMetrics(path)) {
            if (!Number.isInteger(step)) report.fault(index, `a record of no step: ${bytes}`);
          }
          counts.accepted++;
        } catch (error) {
          if (TweedieError.isInstance(error)) counts.refused++;
          else report.fault(index, `${error}: ${bytes.toString('hex')}`);
        }
        if ('polluted' in {}) report.fault(index, `a prototype was changed: ${bytes}`);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return counts;
  },
};
