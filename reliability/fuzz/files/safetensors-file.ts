import type { Dice } from '../../dice.js';
import { damaged, extremes, joined, randomBytes, rearranged } from './damage.js';

/** Types of the format, with the bits of each number, and some that it has not. */
const types: readonly (readonly [string, number])[] = [
  ['F32', 32],
  ['I32', 32],
  ['F64', 64],
  ['F16', 16],
  ['BF16', 16],
  ['I64', 64],
  ['U64', 64],
  ['U32', 32],
  ['I16', 16],
  ['U16', 16],
  ['I8', 8],
  ['U8', 8],
  ['BOOL', 8],
  ['F8_E4M3', 8],
  ['F8_E5M2FNUZ', 8],
  ['F6_E2M3', 6],
  ['F4', 4],
  ['C64', 64],
  ['f32', 32],
  ['F31', 32],
  ['', 32],
  ['toString', 32],
  ['__proto__', 32],
];
const names = [
  'a',
  'b',
  'params.dense.weight',
  'ema.dense.weight',
  'optimizer.m.dense.weight',
  'loss.params.x',
  '__proto__',
  'optimizer.__proto__.polluted',
  'optimizer.constructor.assign',
  'params.__proto__',
  'constructor',
  'toString',
  '0',
  '4294967294',
  '',
  'é',
  '💾',
  'a b',
  '__metadata__',
];
/** Sizes in forms that JSON knows and that are no sizes, or nearly. */
const oddNumbers = [
  '-1',
  '-0',
  '0.0',
  '1.0',
  '1e0',
  '10E-1',
  '1e400',
  '01',
  '+1',
  '.5',
  '1.',
  'NaN',
  'Infinity',
  'true',
  'null',
  '"1"',
  '[1]',
  '{}',
  '9007199254740993',
  '18446744073709551615',
  '18446744073709551616',
  '4611686018427387904',
];
const oddTexts = [
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\ud83d\\udcbe"',
  '"\\u0061"',
  '"\\x61"',
  '"\t"',
  '"\\/\\b"',
  '"\\u0000"',
  "'a'",
  'a',
  '"',
  '1',
];
const oddValues = [
  'null',
  '[]',
  '{}',
  '1',
  '""',
  'true',
  '{"a":[{}]}',
  '["F32",[1],[0,4]]',
  '{"F32":null}',
];
const spaces = ['', ' ', '\n', '\t\r\n', '\f', '\u00a0', '\ufeff', '/**/'];

interface Field {
  readonly key: string;
  readonly value: string;
}

/** A safetensors file: mostly right, then wrong in names, types, shapes, offsets, JSON or anywhere. */
export function safetensorsFile(dice: Dice): Uint8Array {
  const odd = (times: number) => dice.oneIn(times);
  const space = () => (odd(150) ? dice.pick(spaces) : '');
  const text = (value: string) => (odd(150) ? dice.pick(oddTexts) : JSON.stringify(value));
  const size = (value: number) => {
    if (odd(150)) return dice.pick(oddNumbers);
    return String(odd(150) ? dice.pick(extremes) : value);
  };
  const list = (values: readonly number[]) => {
    const items = values.map(size);
    if (odd(200)) items.splice(dice.below(items.length + 1), +odd(2), dice.pick(oddNumbers));
    return `[${items.map((item) => `${space()}${item}${space()}`).join(',')}]`;
  };
  const record = (fields: readonly Field[]) => {
    const chosen = odd(80) ? rearranged(dice, fields) : fields;
    const shown = chosen.map(({ key, value }) => `${space()}${key}${space()}:${space()}${value}`);
    return `{${shown.join(',')}${odd(200) ? ',' : ''}${space()}}`;
  };

  const entries: Field[] = [];
  const data: Uint8Array[] = [];
  let offset = 0;
  const used = new Set<string>();
  for (let count = dice.below(5); count > 0; count--) {
    const name = odd(3) ? dice.pick(names) : `t${count}`;
    if (used.has(name) && !odd(10)) continue;
    used.add(name);
    const [type, bits] = odd(8) ? dice.pick(types) : dice.pick(types.slice(0, 13));
    const shape = Array.from({ length: dice.below(4) }, () => dice.below(4));
    const bytes = Math.ceil((shape.reduce((product, extent) => product * extent, 1) * bits) / 8);
    const [begin, end] = odd(60)
      ? [offset + dice.below(9) - 4, offset + bytes + dice.below(9) - 4]
      : [offset, offset + bytes];
    const fields: Field[] = [
      { key: text('dtype'), value: odd(150) ? dice.pick(oddValues) : text(type) },
      { key: text('shape'), value: odd(150) ? dice.pick(oddValues) : list(shape) },
      { key: text('data_offsets'), value: odd(150) ? dice.pick(oddValues) : list([begin, end]) },
    ];
    if (odd(30)) fields.push({ key: '"extra"', value: dice.pick([...oddValues, ...oddNumbers]) });
    entries.push({ key: text(name), value: odd(150) ? dice.pick(oddValues) : record(fields) });
    // Whole numbers of 64 bits must fit 32.
    data.push(bits === 64 && odd(2) ? new Uint8Array(bytes) : randomBytes(dice, bytes));
    offset += bytes;
  }
  if (odd(3)) {
    const fields = Array.from({ length: dice.below(3) }, (_, i) => ({
      key: text(odd(4) ? dice.pick(names) : `k${i}`),
      value: odd(20) ? dice.pick(oddValues) : text('a value'),
    }));
    const value = odd(20) ? dice.pick(oddValues) : record(fields);
    entries.splice(dice.below(entries.length + 1), 0, { key: '"__metadata__"', value });
  }
  let header = odd(100)
    ? dice.pick(oddValues)
    : record(odd(20) ? rearranged(dice, entries) : entries);
  if (odd(300)) {
    const depth = dice.pick([20, 124, 125, 126, 127, 128, 129, 20_000]);
    const [open, close] = dice.pick([
      ['[', ']'],
      ['{"a":', '}'],
    ] as const);
    const inner = dice.oneIn(2) ? '1' : '';
    header = `{"x":${open.repeat(depth)}${inner || '0'}${close.repeat(depth)}}`;
    if (odd(2)) {
      header = `{"t":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"extra":${open.repeat(depth)}0${close.repeat(depth)}}}`;
    }
  }
  if (odd(60)) header = dice.pick(spaces) + header;
  if (odd(60)) header += dice.pick([...spaces, ',', '}', '\0', 'x', '{}']);
  const bytes = Buffer.from(header);
  const padded = joined(bytes, ' '.repeat(odd(10) ? dice.below(9) : (8 - (bytes.length % 8)) % 8));
  const length = Buffer.alloc(8);
  const claimed = odd(50) ? padded.length + dice.pick([-8, -1, 1, 8]) : padded.length;
  length.writeBigUInt64LE(
    odd(100) ? BigInt(dice.pick(extremes)) << 20n : BigInt(Math.max(0, claimed)),
  );
  const rest = odd(50) ? randomBytes(dice, dice.below(9)) : new Uint8Array(0);
  return damaged(dice, joined(length, padded, ...data, rest));
}
