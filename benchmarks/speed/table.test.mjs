import { expect, test } from 'vitest';
import { significant, table } from './table.mjs';

test('three digits count', () => {
  expect([1234.56, 123.4, 12.34, 1.2, 0.01234, 0].map(significant)).toEqual([
    '1235',
    '123',
    '12.3',
    '1.20',
    '0.0123',
    '0',
  ]);
});

test('columns are as wide as their widest cell', () => {
  expect(
    table(
      ['side', 'ms'],
      [
        ['ours', '1.70'],
        ['another', '12.3'],
      ],
    ),
  ).toBe(
    ['| side    |   ms |', '| ------- | ---: |', '| ours    | 1.70 |', '| another | 12.3 |'].join(
      '\n',
    ),
  );
});
