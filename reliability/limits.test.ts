import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { dataLimits } from '@tweedie/data';
import { safetensorsLimits } from '@tweedie/training';
import { expect, it } from 'vitest';

const page = readFileSync(resolve(import.meta.dirname, '../docs/reliability.md'), 'utf8');

it.each([
  ['dataLimits', dataLimits],
  ['safetensorsLimits', safetensorsLimits],
] as const)('the page of reliability has every limit of %s', (name, limits) => {
  const [, section = ''] = page.split(`\`${name}\` of`);
  const [table = ''] = section.split('\n\n').slice(1);
  const rows = [...table.matchAll(/^\| `(\w+)` \| ([\d,]+) \|/gm)];
  expect(Object.fromEntries(rows.map(([, limit, value]) => [limit, value]))).toEqual(
    Object.fromEntries(
      Object.entries(limits).map(([limit, value]) => [limit, value.toLocaleString('en-US')]),
    ),
  );
});
