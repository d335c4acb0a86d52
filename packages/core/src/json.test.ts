import { describe, expect, it } from 'vitest';
import { parseJson, recordOf } from './json.js';

const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

describe('parseJson', () => {
  it.each(names)(
    'gives objects without a prototype, that hold %s only where the text does',
    (name) => {
      const text = `{"${name}":{"assign":1},"list":[{"a":2}]}`;
      const read = parseJson(text) as Record<string, unknown>;
      expect(Object.keys(read)).toEqual([name, 'list']);
      expect(Object.getPrototypeOf(read)).toBeNull();
      expect(Object.getPrototypeOf(read[name])).toBeNull();
      expect(read[name]).toEqual({ assign: 1 });
      expect((read.list as object[])[0]).not.toHaveProperty(name);
      expect({}).not.toHaveProperty('assign');
    },
  );

  it('refuses what is nested deeper than any configuration, in time that grows with the text', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(parseJson(nested(64))).toBeInstanceOf(Array);
    for (const depth of [65, 20_000, 1_000_000]) {
      expect(() => parseJson(nested(depth))).toThrow('nested more than 64 deep');
    }
  });

  it('refuses what is no JSON', () => {
    expect(() => parseJson('{"a":')).toThrow(SyntaxError);
  });
});

describe('recordOf', () => {
  it.each(names)('holds %s where it was given, and else nothing', (name) => {
    expect(name in recordOf([['a', 1]])).toBe(false);
    const record = recordOf([[name, { polluted: true }]]);
    expect(Object.entries(record)).toEqual([[name, { polluted: true }]]);
    expect({}).not.toHaveProperty('polluted');
  });
});
