import { expect, it } from 'vitest';
import { warnOfMemory } from './warn-memory.js';

it('warns of work beyond the memory of the machine, with its parts', () => {
  const parts = [{ what: 'parameters', bytes: 3e9 }];
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  warnOfMemory('training', parts, { available: 4e9, write });
  expect(lines).toEqual([]);
  warnOfMemory('training', parts, { available: 2e9, write });
  expect(lines[0]).toContain(
    'training would take about 3.0 GB of memory: parameters 3.0 GB; this machine has 2.0 GB',
  );
});
