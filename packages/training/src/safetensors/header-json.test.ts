import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safetensorsLimits } from '../limits.js';
import { parseHeaderJson } from './header-json.js';

const read = (text: string, limits = {}) =>
  parseHeaderJson(text, 'it', { ...safetensorsLimits, ...limits }, Number);

describe('parseHeaderJson', () => {
  it('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }),
        fc.constantFrom(undefined, 1, '\t'),
        (value, space) => {
          const text = JSON.stringify(value, null, space);
          expect(JSON.stringify(read(text))).toBe(JSON.stringify(JSON.parse(text)));
        },
      ),
    );
  });

  it('agrees with JSON.parse on whether a changed text is JSON', () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 4 }),
        fc.nat(1000),
        fc.constantFrom(
          '',
          '"',
          '\\',
          ',',
          '{',
          ']',
          ':',
          '1',
          '-',
          'e',
          '.',
          '\t',
          '\u00a0',
          'null',
        ),
        (json, place, change) => {
          const at = place % (json.length + 1);
          const text = json.slice(0, at) + change + json.slice(at + 1);
          let expected: unknown;
          try {
            expected = JSON.parse(text);
          } catch {
            expect(() => read(text)).toThrow(expect.objectContaining({ code: 'CORRUPT_FILE' }));
            return;
          }
          try {
            expect(JSON.stringify(read(text))).toBe(JSON.stringify(expected));
          } catch (error) {
            expect(String(error)).toMatch(/twice|half a character|∞/);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('makes objects without a prototype', () => {
    const value = read('{"__proto__":{"a":1},"constructor":2}') as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect('a' in {}).toBe(false);
  });

  it.each([
    ['{"a":1,"\\u0061":2}', /it holds 'a' twice/],
    ['"\\ud800"', /half a character before/],
    ['1e999', /∞ at character/],
    ['{"a":1} x', /something after the end at character 9/],
    ['{"a":', /the end at character 6/],
    ['"a', /a text without end/],
    ['"a\\"', /a text without end/],
    ['"\n"', /a line break/],
    ['"\\x"', /an unknown escape/],
  ])('refuses %j', (text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'CORRUPT_FILE' }));
  });

  it('keeps numbers that are no sizes as they are written', () => {
    const text = '[0,7,-0,1.0,1e0,-3,18446744073709551615]';
    const sizes = parseHeaderJson(text, 'it', safetensorsLimits);
    expect(sizes).toEqual([0, 7, '-0', '1.0', '1e0', '-3', 18446744073709552000]);
  });

  it('refuses nesting 20,000 deep, and as many keys as its limit', () => {
    expect(() => read('['.repeat(20_000))).toThrow(/129 objects and lists inside one another/);
    expect(() => read('{"a":'.repeat(20_000))).toThrow(/at most 128.*'nesting'/);
    expect(read('['.repeat(128) + ']'.repeat(128))).toHaveLength(1);
    expect(read('[[]]', { nesting: 2 })).toEqual([[]]);
    expect(() => read('[[]]', { nesting: 1 })).toThrow(/at most 1/);
  });
});
