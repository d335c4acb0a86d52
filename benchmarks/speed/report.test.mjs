import { expect, test } from 'vitest';
import { formatPage, formatSummary, formatWorkload } from './report.mjs';

const ours = {
  id: 'ours',
  ours: true,
  label: 'ours',
  share: 1,
  median: 2,
  milliseconds: [1.9, 2, 2.1],
  ratio: 1,
  processor: 4,
  threads: 2,
  parameters: 1000,
  peak: 100 * 2 ** 20,
  loading: 500,
  firstStep: 1500,
  difference: 0,
  versions: { library: '1.0' },
  details: 'as it is',
};
const slow = {
  ...ours,
  id: 'slow',
  ours: undefined,
  label: 'slow',
  share: 1 / 8,
  median: 10,
  ratio: 5,
};
const result = {
  name: 'work',
  title: 'Some work',
  sides: [
    ours,
    { ...slow, difference: 0.5 },
    { id: 'gone', label: 'gone', reason: 'not installed' },
  ],
  others: { coresOfOthers: 0.25, coresStolen: 0 },
  parameters: 1000,
  multiplyAdds: 1e8,
};
const limits = { rates: { product: 100 }, multiplyAdds: 100, bandwidth: 12 };

/** The cells of a side's row, by column. */
function rowOf(markdown, side) {
  const rows = markdown.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const header = rows.find(([, first]) => first === 'side');
  const row = rows.find(([, first]) => first === side);
  return Object.fromEntries(header.map((name, i) => [name, row[i]]));
}

test('a row says time, share of the limit, memory and the first step', () => {
  const row = rowOf(formatWorkload(result, { limits }), 'ours');
  expect(row).toMatchObject({
    'ms a step': '2.00',
    rounds: '1.90 to 2.10',
    // 10⁸ in 2 ms are 50 G/s of 100.
    'of the limit': '50 %',
    'peak MiB': '100',
    'load s': '0.500',
    'first step s': '1.50',
    'same numbers': 'reference',
  });
});

test('another network, other numbers and a side that is not there are said', () => {
  const other = {
    ...result,
    sides: [ours, { ...result.sides[1], parameters: 999 }, result.sides[2]],
  };
  const markdown = formatWorkload(other, { limits });
  expect(markdown).toContain('NOT THE SAME NETWORK, 999');
  expect(rowOf(markdown, 'slow (1/8 of the batch, scaled)')['same numbers']).toBe('NO: 5e-1');
  expect(rowOf(markdown, 'gone')['ms a step']).toBe('not installed');
  const rounded = { ...result, sides: [ours, { ...slow, difference: 0.5, rounded: true }] };
  const row = rowOf(formatWorkload(rounded, { limits }), 'slow (1/8 of the batch, scaled)');
  expect(row['same numbers']).toBe('rounded, to 5e-1');
});

test('what is not counted has no share of a limit', () => {
  const markdown = formatWorkload({ ...result, multiplyAdds: undefined }, { limits });
  expect(markdown).not.toContain('of the limit');
});

test('the summary has a row a side and a column a workload', () => {
  const summary = formatSummary([result, { ...result, name: 'more', sides: [ours] }]);
  expect(rowOf(summary, 'ours')).toMatchObject({ work: '2.00 ms', more: '2.00 ms' });
  expect(rowOf(summary, 'slow')).toMatchObject({ work: '5.00 *', more: '' });
  expect(rowOf(summary, 'gone')).toMatchObject({ work: '–' });
});

test('the page names machine, command and settings', () => {
  const page = formatPage({
    machine: { processor: 'some' },
    settings: { threads: 2 },
    command: 'node benchmarks/run.mjs',
    date: '2026-01-01 00:00',
    results: [result],
    limits,
    shipped: [{ label: 'ours', script: 2e6, native: 40e6, what: 'a library' }],
  });
  for (const fact of [
    '- processor: some',
    '- settings: threads 2',
    '- command: node',
    '12.0 GB/s',
  ]) {
    expect(page).toContain(fact);
  }
  expect(page).toMatch(/\| ours +\| +2\.00 \| +40\.0 \| +42\.0 \| a library \|/);
});
