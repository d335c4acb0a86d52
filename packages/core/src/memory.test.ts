import { describe, expect, it } from 'vitest';
import { checkMemory, formatBytes } from './memory.js';

describe('checkMemory', () => {
  const check =
    (bytes: number, isArray = false) =>
    () =>
      checkMemory(
        'core',
        'work',
        [
          { what: 'a', bytes, isArray },
          { what: 'b', bytes: 12 },
        ],
        'less',
      );

  it('says how much each part would take, the largest first', () => {
    expect(check(16e12)).toThrow(
      '[core] work would take about 16 TB of memory: a 16 TB, b 12 bytes. Allowed: at most 1.1 TB, and 17 GB in one array. Fix: less.',
    );
    expect(check(1e12)).not.toThrow();
    expect(check(1.8e10, true)).toThrow('about 18 GB');
    expect(check(1.7e10, true)).not.toThrow();
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) expect(check(odd)).toThrow();
  });
});

it.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [123_456, '123 kB'],
  [25.3e9, '25 GB'],
  [1e300, '1.0e+282 EB'],
  [Number.POSITIVE_INFINITY, 'Infinity EB'],
])('formatBytes(%d) is %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
