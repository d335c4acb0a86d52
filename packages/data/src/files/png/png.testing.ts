import { crc32, deflateSync } from 'node:zlib';

/** A chunk with its checksum. */
export function chunk(type: string, content: ArrayLike<number>): Buffer {
  const body = Buffer.concat([Buffer.from(type), Buffer.from(Array.from(content))]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A PNG from bytes of rows without filter, and chunks before and after them. */
export function png(
  [width, height]: readonly [number, number],
  [depth, colourType, interlace = 0]: readonly [number, number, number?],
  rows: readonly (readonly number[])[],
  before: readonly Buffer[] = [],
  after: readonly Buffer[] = [chunk('IEND', [])],
  withData = true,
): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType, 0, 0, interlace], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...before,
    ...(withData
      ? [chunk('IDAT', deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row]))))]
      : []),
    ...after,
  ]);
}
