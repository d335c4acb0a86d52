import type { Dice } from '../../dice.js';

/** Numbers at which sizes, offsets and counts go wrong. */
export const extremes: readonly number[] = [
  0,
  1,
  2,
  7,
  8,
  127,
  128,
  255,
  256,
  65_535,
  65_536,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];

/** Joins parts of a file. */
export function joined(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

export function randomBytes(dice: Dice, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => dice.below(256));
}

/** Changes of bytes that know nothing of the format: in a third of the files, to a few places. */
export function damaged(dice: Dice, bytes: Uint8Array): Uint8Array {
  if (!dice.oneIn(3) || bytes.length === 0) return bytes;
  const out = Uint8Array.from(bytes);
  switch (dice.below(6)) {
    case 0:
      return out.subarray(0, dice.below(out.length + 1));
    case 1:
      return joined(out, randomBytes(dice, 1 + dice.below(20)));
    case 2: {
      // A part comes twice.
      const at = dice.below(out.length);
      return joined(out.subarray(0, at), out.subarray(dice.below(at + 1)));
    }
    case 3: {
      // A part is left out.
      const at = dice.below(out.length);
      return joined(
        out.subarray(0, at),
        out.subarray(Math.min(out.length, at + 1 + dice.below(16))),
      );
    }
    default:
      for (let change = 1 + dice.below(4); change > 0; change--) {
        const at = dice.below(out.length);
        out[at] = dice.oneIn(2) ? out[at]! ^ (1 << dice.below(8)) : dice.below(256);
      }
      return out;
  }
}

/** A list with an item left out, repeated, or moved. */
export function rearranged<Item>(dice: Dice, items: readonly Item[]): Item[] {
  const out = [...items];
  if (out.length === 0) return out;
  const at = dice.below(out.length);
  const [item] = out.splice(at, 1);
  if (dice.oneIn(3)) return out;
  out.splice(dice.below(out.length + 1), 0, item!);
  if (dice.oneIn(2)) out.splice(dice.below(out.length + 1), 0, item!);
  return out;
}
