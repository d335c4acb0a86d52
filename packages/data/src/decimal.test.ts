import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortDecimal } from './decimal.js';

const read = (text: string) => shortDecimal(text, 0, text.length);

describe('shortDecimal', () => {
  it('is Number to the bit, where it says anything', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 12 });
    let said = 0;
    fc.assert(
      fc.property(
        fc.constantFrom('', '-', '+'),
        digits,
        fc.constantFrom('', '.'),
        digits,
        (...parts) => {
          const text = parts.join('');
          const value = read(text);
          if (value === undefined) return;
          said++;
          expect(value).toBe(Number(text));
        },
      ),
      { numRuns: 5000 },
    );
    expect(said).toBeGreaterThan(2000);
  });

  it.each([
    ['1', 1],
    ['-0', -0],
    ['.5', 0.5],
    ['4.', 4],
    [' \t7\u00a0', 7],
    ['123456789012345', 123456789012345],
    ['0.30000000000000', 0.3],
  ])('reads %j', (text, value) => {
    expect(read(text)).toBe(value);
  });

  it.each([
    '',
    ' ',
    '.',
    '-',
    '--1',
    '1.2.3',
    '1e5',
    '0x1',
    '+1',
    '1 2',
    'nan',
    '1234567890123456',
  ])('says nothing of %j', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it('reads a part of a text', () => {
    expect(shortDecimal('1,23,4', 2, 4)).toBe(23);
  });
});
