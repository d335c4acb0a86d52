import type { Dice } from '../../dice.js';
import { damaged } from './damage.js';

const cells = [
  '1',
  '-2.5',
  '.5e1',
  '4.',
  '+7',
  '1e400',
  '1e-400',
  'nan',
  '-inf',
  'Infinity',
  '0x10',
  '',
  ' ',
  '"3"',
  '"a""b"',
  '"',
  'x',
  '__proto__',
  '1,5',
  '1 2',
  '١',
  '\u2212' + '1',
  '\ufeff1',
  '\0',
  '1e',
  '--1',
  '1_000',
];

/** A CSV text: mostly rows of numbers, then other cells, separators, line ends and lengths. */
export function csvText(dice: Dice): Uint8Array {
  const odd = (times: number) => dice.oneIn(times);
  const separator = dice.pick([',', ',', ';', '\t', '|']);
  const width = 1 + dice.below(4);
  const row = (cell: () => string) =>
    Array.from({ length: odd(60) ? dice.below(6) : width }, cell).join(odd(60) ? ';' : separator);
  const number = () => (odd(80) ? dice.pick(cells) : String((dice.below(2000) - 1000) / 10));
  const rows = Array.from({ length: dice.below(6) }, () => (odd(60) ? '' : row(number)));
  if (odd(3)) rows.unshift(row(() => dice.pick(['x', 'y', '"z"', '__proto__', 'kind'])));
  if (odd(100)) rows.push('7'.repeat(dice.pick([4095, 4097, 100_000])));
  if (odd(100))
    rows.unshift(
      Array(dice.pick([1000, 30_000]))
        .fill('1')
        .join(separator),
    );
  if (odd(200)) rows.push('\n'.repeat(100_000));
  return damaged(
    dice,
    Buffer.from((odd(20) ? '\ufeff' : '') + rows.join(dice.pick(['\n', '\r\n', '\r']))),
  );
}
