import { crc32, deflateSync } from 'node:zlib';
import type { Dice } from '../../dice.js';
import { damaged, extremes, joined, randomBytes, rearranged } from './damage.js';

const formats = [
  [0, 1],
  [0, 2],
  [0, 4],
  [0, 8],
  [0, 16],
  [2, 8],
  [2, 16],
  [3, 1],
  [3, 2],
  [3, 4],
  [3, 8],
  [4, 8],
  [4, 16],
  [6, 8],
  [6, 16],
] as const;
const channelsOf = new Map([
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4],
]);
/** First column and row, and steps, of the passes of an interlaced picture. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

interface Chunk {
  readonly type: string;
  readonly content: Uint8Array;
}

function encoded(dice: Dice, { type, content }: Chunk): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(dice.oneIn(200) ? dice.pick(extremes) : content.length);
  const body = joined(type, content);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(dice.oneIn(100) ? dice.below(2 ** 32) : crc32(body));
  return joined(length, body, check);
}

/** A PNG file: mostly right, then wrong in its header, chunks, filters, compression or anywhere. */
export function pngFile(dice: Dice): Uint8Array {
  const odd = (times: number) => dice.oneIn(times);
  let [colour, depth] = dice.pick(formats) as readonly [number, number];
  const [width, height] = [1 + dice.below(odd(4) ? 20 : 6), 1 + dice.below(odd(4) ? 20 : 6)];
  const interlace = +odd(3);
  const bits = channelsOf.get(colour)! * depth;
  const most = 2 ** Math.min(depth, 8);
  const colours = odd(6) ? 1 + dice.below(most) : most;

  const rows: Uint8Array[] = [];
  const addRows = (columns: number, count: number) => {
    for (let row = 0; row < count && columns > 0; row++) {
      const length = Math.ceil((columns * bits) / 8);
      let content = odd(3) ? new Uint8Array(length) : randomBytes(dice, length);
      if (colour === 3 && depth === 8) content = content.map((value) => value % colours);
      const filter = odd(80) ? dice.below(256) : dice.pick(colour === 3 ? [0] : [0, 1, 2, 3, 4]);
      rows.push(joined(Uint8Array.of(filter), content));
    }
  };
  if (interlace === 0) addRows(width, height);
  else {
    for (const [left, top, stepX, stepY] of passes) {
      addRows(Math.ceil((width - left) / stepX), Math.ceil((height - top) / stepY));
    }
  }
  let raw = joined(...rows);
  if (odd(15)) {
    const change = dice.pick([-raw.length, -8, -1, 1, 9, 70_000]);
    raw =
      change < 0
        ? raw.subarray(0, Math.max(0, raw.length + change))
        : joined(raw, new Uint8Array(change));
  }
  let data: Uint8Array = deflateSync(raw, { level: dice.pick([0, 1, 9]) });
  if (odd(40)) data = data.subarray(0, dice.below(data.length + 1));
  if (odd(40)) data = joined(data, randomBytes(dice, dice.below(9)));
  if (odd(40)) data = Uint8Array.from(data, (byte, i) => (i === data.length - 1 ? byte ^ 1 : byte));
  if (odd(60)) {
    const at = dice.below(data.length);
    data = Uint8Array.from(data, (byte, i) => (i === at ? byte ^ (1 << dice.below(8)) : byte));
  }

  const header = Buffer.alloc(odd(60) ? dice.below(20) : 13);
  if (odd(40)) colour = dice.below(8);
  if (odd(40)) depth = dice.pick([0, 1, 2, 3, 4, 8, 16, 32]);
  if (header.length >= 13) {
    header.writeUInt32BE(odd(40) ? dice.pick(extremes) : width, 0);
    header.writeUInt32BE(odd(40) ? dice.pick(extremes) : height, 4);
    header.set(
      [depth, colour, odd(80) ? 1 : 0, odd(80) ? 1 : 0, odd(60) ? dice.below(4) : interlace],
      8,
    );
  }
  const chunks: Chunk[] = [];
  const palette = odd(40) ? dice.below(800) : 3 * colours;
  if (colour === 3 ? !odd(40) : odd(10)) {
    chunks.push({ type: 'PLTE', content: randomBytes(dice, palette) });
  }
  if (odd(4)) {
    const right = colour === 3 ? 1 + dice.below(colours) : 2 * (channelsOf.get(colour) ?? 1);
    const length = odd(8) ? dice.below(300) : right;
    chunks.push({
      type: 'tRNS',
      content: odd(2) ? new Uint8Array(length) : randomBytes(dice, length),
    });
  }
  if (odd(6)) chunks.push(ancillary(dice));
  for (let at = 0, first = true; first || at < data.length; first = false) {
    const length = odd(3) ? dice.below(data.length - at + 1) : data.length - at;
    chunks.push({ type: 'IDAT', content: data.subarray(at, at + length) });
    at += length;
    if (odd(40)) chunks.push(ancillary(dice));
  }
  if (odd(8)) chunks.push(ancillary(dice));
  const ordered = odd(12) ? rearranged(dice, chunks) : chunks;
  const all: Chunk[] = [{ type: 'IHDR', content: header }, ...ordered];
  if (!odd(40)) all.push({ type: 'IEND', content: new Uint8Array(0) });
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const whole = odd(50) ? rearranged(dice, all) : all;
  return damaged(dice, joined(signature, ...whole.map((chunk) => encoded(dice, chunk))));
}

/** Chunks beside the pixels: texts and profiles, some compressed, bombs among them. */
function ancillary(dice: Dice): Chunk {
  const type = dice.pick([
    'iCCP',
    'zTXt',
    'tEXt',
    'iTXt',
    'gAMA',
    'tIME',
    'abCd',
    'IDot',
    'PLTE',
    'IEND',
    '\0\0\0\0',
  ]);
  const packed = deflateSync(dice.oneIn(50) ? new Uint8Array(5_000_000) : randomBytes(dice, 40));
  const content =
    type === 'iCCP' || type === 'zTXt'
      ? joined('name', Uint8Array.of(0, dice.oneIn(8) ? 1 : 0), packed)
      : randomBytes(dice, dice.below(20));
  return { type, content: type === 'IEND' ? new Uint8Array(0) : content };
}
