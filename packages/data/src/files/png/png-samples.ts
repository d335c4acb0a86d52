import { inflateSync } from 'node:zlib';
import { corruptPng } from './corrupt-png.js';
import { removeFilters } from './png-filters.js';
import type { PngHeader } from './png-header.js';

/** The pixels of an interlaced picture come in seven passes, each a coarser grid (Adam7). */
interface Pass {
  readonly left: number;
  readonly top: number;
  readonly stepX: number;
  readonly stepY: number;
}
const whole: readonly Pass[] = [{ left: 0, top: 0, stepX: 1, stepY: 1 }];
const adam7: readonly Pass[] = [
  { left: 0, top: 0, stepX: 8, stepY: 8 },
  { left: 4, top: 0, stepX: 8, stepY: 8 },
  { left: 0, top: 4, stepX: 4, stepY: 8 },
  { left: 2, top: 0, stepX: 4, stepY: 4 },
  { left: 0, top: 2, stepX: 2, stepY: 4 },
  { left: 1, top: 0, stepX: 2, stepY: 2 },
  { left: 0, top: 1, stepX: 1, stepY: 2 },
];
/** A byte of deflated data unpacks to at most so many. */
const largestRatio = 1032;

/**
 * Unpacks image data to one number a sample, row by row.
 *
 * @param data the contents of the IDAT chunks
 * @throws TweedieError CORRUPT_FILE when it is not exactly the data of such a picture
 */
export function unpackSamples(
  data: Uint8Array,
  header: PngHeader,
  where: string,
): Uint8Array | Uint16Array {
  const { width, height, channels, depth } = header;
  const passes = (header.interlaced ? adam7 : whole)
    .map((pass) => ({
      ...pass,
      columns: Math.ceil((width - pass.left) / pass.stepX),
      rows: Math.ceil((height - pass.top) / pass.stepY),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0)
    .map((pass) => ({ ...pass, rowBytes: Math.ceil((pass.columns * channels * depth) / 8) }));
  const bytes = passes.reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0);
  const raw = inflate(data, bytes, where);

  const samples =
    depth === 16
      ? new Uint16Array(width * height * channels)
      : new Uint8Array(width * height * channels);
  const pixelBytes = Math.max(1, (channels * depth) / 8);
  let at = 0;
  for (const { left, top, stepX, stepY, columns, rows, rowBytes } of passes) {
    const part = raw.subarray(at, at + rows * (1 + rowBytes));
    removeFilters(part, rowBytes, pixelBytes, where);
    for (let row = 0; row < rows; row++) {
      const from = row * (1 + rowBytes) + 1;
      const to = ((top + row * stepY) * width + left) * channels;
      readRow(part, from, samples, to, columns, channels, stepX, depth);
    }
    at += part.length;
  }
  return samples;
}

/** Stops where there is more than there should be, and not after it. */
function inflate(data: Uint8Array, bytes: number, where: string): Uint8Array {
  const short = `its image data is cut short: it has not the ${bytes} bytes of its size`;
  // So that a header alone takes no memory.
  if (data.length * largestRatio < bytes) throw corruptPng(where, short);
  let raw: Uint8Array;
  try {
    // A chunk of the whole size is one array, where smaller ones would be joined into another.
    raw = inflateSync(data, { maxOutputLength: bytes, chunkSize: Math.max(64, bytes + 1) });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw corruptPng(where, `its image data is more than the ${bytes} bytes of its size`, cause);
    }
    throw corruptPng(where, `its image data cannot be unpacked: ${message}`, cause);
  }
  if (raw.length !== bytes) throw corruptPng(where, short);
  return raw;
}

/** The samples of one row; a pixel of the next column stands `stepX` pixels further. */
function readRow(
  raw: Uint8Array,
  from: number,
  samples: Uint8Array | Uint16Array,
  to: number,
  columns: number,
  channels: number,
  stepX: number,
  depth: number,
): void {
  if (depth === 8 && stepX === 1) {
    samples.set(raw.subarray(from, from + columns * channels), to);
    return;
  }
  const mask = 2 ** depth - 1;
  for (let i = 0; i < columns * channels; i++) {
    const place =
      stepX === 1 ? to + i : to + Math.floor(i / channels) * stepX * channels + (i % channels);
    if (depth === 16) {
      samples[place] = (raw[from + 2 * i]! << 8) | raw[from + 2 * i + 1]!;
    } else if (depth === 8) {
      samples[place] = raw[from + i]!;
    } else {
      // Several samples share a byte, the leftmost in its highest bits.
      const bit = i * depth;
      samples[place] = (raw[from + (bit >> 3)]! >> (8 - depth - (bit & 7))) & mask;
    }
  }
}
