import type { Dice } from '../../dice.js';
import { damaged, joined, randomBytes } from './damage.js';

/** Types that NumPy knows or nearly knows, with the bytes of each number. */
const types: readonly (readonly [string, number])[] = [
  ['<f4', 4],
  ['<f8', 8],
  ['>f4', 4],
  ['>f8', 8],
  ['|u1', 1],
  ['|i1', 1],
  ['|b1', 1],
  ['<u2', 2],
  ['>i2', 2],
  ['<i4', 4],
  ['>u4', 4],
  ['<i8', 8],
  ['>u8', 8],
  ['=f4', 4],
  ['|f4', 4],
  ['f4', 4],
  ['<u1', 1],
  ['float32', 4],
  ['int64', 8],
  ['?', 1],
  ['<d', 8],
  ['>h', 2],
  ['B', 1],
  ['<f2', 2],
  ['<c8', 8],
  ['|S3', 3],
  ['<U2', 8],
  ['|O', 8],
  ['<M8[s]', 8],
  ['|V4', 4],
  ['<f3', 3],
  ['<f', 4],
  ['<i', 4],
  ['<b', 1],
  ['f4,f4', 8],
  ['(2,)f4', 8],
  ['', 8],
  [' <f4', 4],
  ['<f4 ', 4],
  ['F4', 4],
  ['>float32', 4],
  ['b', 1],
  ['bool', 1],
  ['toString', 1],
  ['__proto__', 1],
];

const oddExtents = [
  '-1',
  '+2',
  '0x3',
  '0o2',
  '0b11',
  '1_0',
  '1__0',
  '_1',
  '03',
  '00',
  '2L',
  '2 L',
  '2l',
  'True',
  'False',
  'None',
  '2.0',
  '1e0',
  '2j',
  '(2)',
  '(2,)',
  '[2]',
  "'2'",
  '--2',
  '- 1',
  '1+1',
  '4294967296',
  '2147483648',
  '9007199254740993',
  '9223372036854775808',
  '1000000000000000000000000000000',
];
const spaces = ['', ' ', '  ', '\n', '\t', '\f', ' # c\n', '\\\n', '\r\n', '\r'];

/** An NPY file: mostly right, then wrong in its header, its sizes, or anywhere. */
export function npyFile(dice: Dice): Uint8Array {
  const odd = (times: number) => dice.oneIn(times);
  const [type, width] = odd(2) ? dice.pick(types) : dice.pick(types.slice(0, 13));
  const extents = Array.from({ length: dice.below(5) }, () => dice.below(4) + +odd(4));
  const length = extents.reduce((product, extent) => product * extent, 1);
  const space = () => (odd(50) ? dice.pick(spaces) : '');

  const shown = extents.map(String);
  if (odd(12)) shown.splice(dice.below(shown.length + 1), +odd(2), dice.pick(oddExtents));
  if (odd(200)) shown.push(...Array.from({ length: 20 + dice.below(60) }, () => '1'));
  let shape = `${space()}${shown.join(`${space()},${space()}`)}`;
  if (shown.length === 1 || odd(20)) shape += ',';
  shape = odd(40) ? `[${shape}]` : `(${shape}${space()})`;
  if (odd(60))
    shape = dice.pick(['()', '(,)', '3', 'None', '((2,),)', '(2,),', '(2,', '{}', 'tuple()']);

  const quoted = (text: string) => {
    if (!odd(25)) return `'${text}'`;
    const escaped = `\\x${(text.charCodeAt(0) || 0).toString(16).padStart(2, '0')}${text.slice(1)}`;
    return dice.pick([
      `"${text}"`,
      `u'${text}'`,
      `r'${text}'`,
      `b'${text}'`,
      `f'${text}'`,
      `'''${text}'''`,
      `"""${text}"""`,
      `'${text.slice(0, 1)}' '${text.slice(1)}'`,
      `'${escaped}'`,
      `'${text}`,
      `('${text}')`,
      `('${text}',)`,
      `'${text}\\'`,
      `'\\N{LATIN SMALL LETTER A}${text}'`,
      `'\\u0041${text}'`,
      `U"${text.slice(0, 1)}"\n'${text.slice(1)}'`,
    ]);
  };
  const order = odd(25)
    ? dice.pick(['0', '1', 'None', "'C'", 'true', 'False and True', '[]', '(True)', 'not True'])
    : dice.pick(['False', 'False', 'True']);
  const descr = odd(25)
    ? dice.pick([
        "[('x', '<f4')]",
        "[('', '|V2'), ('x', '<i2')]",
        'None',
        '3',
        "('<f4', (2,))",
        '[]',
      ])
    : quoted(type);
  let entries: (readonly [string, string])[] = [
    [quoted('descr'), descr],
    [quoted('fortran_order'), order],
    [quoted('shape'), shape],
  ];
  if (odd(15)) entries.splice(dice.below(4), 0, dice.pick(entries));
  if (odd(15)) entries.splice(dice.below(entries.length), 1);
  if (odd(15))
    entries.splice(dice.below(4), 0, [dice.pick(["'x'", '1', 'None', "'__proto__'", '[]']), '1']);
  if (odd(10)) entries = entries.reverse();
  let header = `{${entries.map(([key, value]) => `${space()}${key}${space()}:${space()}${value}${space()}`).join(',')}`;
  header += dice.pick([', ', ',', '', '']);
  header += odd(50) ? dice.pick(['', ']', '}}', '})']) : '}';
  if (odd(30))
    header = dice.pick([' ', '\t', '\n', '\n ', '(', '#c\n', '\ufeff', 'x=', '\0']) + header;
  if (odd(30))
    header += dice.pick([
      ' ',
      '#c',
      ')',
      ';',
      '\n\n',
      '\n x',
      '\0',
      'x',
      ',',
      '\u00e9',
      '# \u00e9',
    ]);
  if (odd(300)) {
    const depth = dice.pick([20, 150, 197, 198, 199, 200, 500, 4000]);
    header = header.replace(/:/, `:${'('.repeat(depth)}`);
    if (odd(2)) header = header.replace(/,/, `${')'.repeat(depth)},`);
  }
  if (odd(300)) header += ' '.repeat(dice.pick([9_800, 9_990, 10_001, 60_000]));
  if (!odd(10)) header = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;

  const major = odd(40) ? dice.pick([0, 4, 255]) : dice.pick([1, 1, 2, 3]);
  const minor = odd(30) ? dice.below(256) : 0;
  const text = Buffer.from(header, major === 3 && !odd(20) ? 'utf8' : 'latin1');
  const size = Buffer.alloc(major === 1 ? 2 : 4);
  const claimed = odd(25)
    ? dice.pick([0, 1, text.length - 1, text.length + 1, 65_535])
    : text.length;
  if (major === 1) size.writeUInt16LE(Math.max(0, Math.min(65_535, claimed)));
  else size.writeUInt32LE(odd(100) ? 2 ** 32 - 1 : Math.max(0, claimed));

  const bytes = Math.max(
    0,
    length * width + (odd(12) ? dice.pick([-width, -1, 1, width, 100]) : 0),
  );
  const data = odd(2) ? randomBytes(dice, bytes) : Buffer.from(smallNumbers(dice, type, bytes));
  return damaged(
    dice,
    joined(Uint8Array.of(0x93), 'NUMPY', Uint8Array.of(major, minor), size, text, data),
  );
}

/** Numbers that fit where whole numbers of 64 bits must fit 32. */
function smallNumbers(dice: Dice, type: string, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  const width = Number(/\d$/.exec(type)?.[0] ?? 1);
  for (let at = 0; at < bytes; at += width) {
    out[type.startsWith('>') ? Math.min(bytes - 1, at + width - 1) : at] = dice.below(256);
  }
  return out;
}
