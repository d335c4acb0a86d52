import { expect, test } from 'vitest';
import { comparedSides, parseCommandLine } from './command-line.mjs';
import { workloadGroups, workloadNames } from './workload-names.mjs';

test('without options everything runs on two threads', () => {
  expect(parseCommandLine([])).toEqual({
    help: false,
    only: workloadNames,
    sides: comparedSides,
    threads: 2,
    rounds: 7,
    quick: false,
    skipSlow: false,
    out: undefined,
  });
});

test('a quick run has fewer rounds, unless they are given', () => {
  expect(parseCommandLine(['--quick']).rounds).toBe(3);
  expect(parseCommandLine(['--quick', '--rounds', '5']).rounds).toBe(5);
});

test('a quick run leaves out what takes long, but not what is asked for', () => {
  expect(parseCommandLine(['--quick']).skipSlow).toBe(true);
  expect(parseCommandLine(['--quick', '--sides', 'pytorch-compile']).skipSlow).toBe(false);
});

test('lists pick, and may be empty', () => {
  const { only, sides } = parseCommandLine(['--only', 'unet-sample,mlp', '--sides', '']);
  expect(only).toEqual(['mlp', 'unet-sample']);
  expect(sides).toEqual([]);
});

test('a group stands for its workloads', () => {
  const { only } = parseCommandLine(['--only', 'score-matching,mlp']);
  expect(only).toEqual(['mlp', ...workloadGroups['score-matching']]);
  const known = workloadNames.filter((name) => only.includes(name));
  expect(known).toEqual(only);
});

test('a wrong option is named', () => {
  expect(() => parseCommandLine(['--only', 'mlpp'])).toThrow(/--only: there is no 'mlpp'.*mlp/);
  expect(() => parseCommandLine(['--threads', '0'])).toThrow(/--threads: '0'/);
  expect(() => parseCommandLine(['--rounds', '1.5'])).toThrow(/--rounds: '1.5'/);
  expect(() => parseCommandLine(['--fast'])).toThrow(/--fast/);
  expect(() => parseCommandLine(['--out', '../elsewhere'])).toThrow(/--out: '..\/elsewhere'/);
});
