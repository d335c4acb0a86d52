import type { Dice } from '../../dice.js';
import { damaged } from './damage.js';

const leaves = [
  'null',
  'true',
  '0',
  '-0',
  '1.5e3',
  '1e999',
  '01',
  '"a"',
  '"\\u0061"',
  '"\\ud800"',
  '"\\ud83d\\udcbe"',
  '"\t"',
  '"\\"',
  'undefined',
  'NaN',
  '',
];
const keys = [
  '"a"',
  '"b"',
  '"__proto__"',
  '"constructor"',
  '"\\u0061"',
  'a',
  '""',
  '"format"',
  '"config"',
];

/** A JSON text, mostly right, of values inside one another. */
export function jsonText(dice: Dice): Uint8Array {
  const odd = (times: number) => dice.oneIn(times);
  const value = (depth: number): string => {
    const space = odd(20) ? dice.pick([' ', '\n', '\f', '\u00a0']) : '';
    if (depth === 0 || odd(3)) return space + dice.pick(odd(4) ? leaves : leaves.slice(0, 5));
    const items = Array.from({ length: dice.below(4) }, () => value(depth - 1));
    if (odd(2)) return `${space}[${items.join(',')}${odd(60) ? ',' : ''}]`;
    const used = new Set<string>();
    const fields = items.flatMap((item) => {
      const key = odd(4) ? dice.pick(keys) : `"k${used.size}"`;
      if (used.has(key) && !odd(10)) return [];
      used.add(key);
      return `${key}:${item}`;
    });
    return `${space}{${fields.join(',')}}`;
  };
  let text = value(dice.below(5));
  if (odd(50)) {
    const depth = dice.pick([100, 127, 128, 129, 20_000]);
    const [open, close] = dice.pick([
      ['[', ']'],
      ['{"a":', '}'],
    ] as const);
    text = open.repeat(depth) + text + close.repeat(odd(10) ? depth - 1 : depth);
  }
  return damaged(dice, Buffer.from(text));
}
