import { expect, it } from 'vitest';
import { configDifferences } from './config-difference.js';

it('names each setting that differs, is missing or was added', () => {
  const before = {
    a: 1,
    same: { x: [1, { y: 2 }] },
    list: [1, 2],
    deep: { gone: true, kept: 's' },
  };
  const after = { a: 2, same: { x: [1, { y: 2 }] }, list: [1], deep: { kept: 's', new: null } };
  expect(configDifferences(before, after)).toEqual([
    { path: 'a', before: 1, after: 2 },
    { path: 'list', before: [1, 2], after: [1] },
    { path: 'deep.gone', before: true, after: undefined },
    { path: 'deep.new', before: undefined, after: null },
  ]);
  expect(configDifferences(before, before)).toEqual([]);
});
