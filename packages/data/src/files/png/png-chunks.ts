import { crc32 } from 'node:zlib';
import { corruptPng } from './corrupt-png.js';
import { type PngHeader, parsePngHeader } from './png-header.js';

/** What a PNG file is made of, as far as its pixels go. */
export interface PngChunks {
  readonly header: PngHeader;
  /** Red, green and blue of each colour. */
  readonly palette: Uint8Array | undefined;
  /** Alpha of the palette's colours, or 16 bits a channel of the colour that stands for nothing. */
  readonly transparency: Uint8Array | undefined;
  /** The compressed image data, of one piece. */
  readonly data: Uint8Array;
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const largestChunk = 2 ** 31 - 1;

interface Chunk {
  readonly type: string;
  readonly content: Uint8Array;
}

/**
 * The chunks of a PNG file, whose order and checksums are checked. Chunks that say nothing about the
 * pixels' values (colour profiles, texts) are passed over as they are and never unpacked, and so is a
 * tRNS chunk that does not fit, as libpng does.
 *
 * @param checkHeader throws when the picture is too large
 * @throws TweedieError CORRUPT_FILE when it is no PNG, cut short, or a checksum does not fit
 */
export function parsePngChunks(
  bytes: Uint8Array,
  where: string,
  checkHeader: (header: PngHeader) => void,
): PngChunks {
  const chunks = chunksOf(bytes, where);
  const first = chunks.next().value;
  if (first?.type !== 'IHDR') throw corruptPng(where, 'it has no header');
  const header = parsePngHeader(first.content, where);
  checkHeader(header);

  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  // Of one piece from the start: a list of pieces may take more memory than the file.
  const data = new Uint8Array(bytes.length);
  let length = 0;
  let before = '';
  let begun = false;
  for (const { type, content } of chunks) {
    if (type === 'IDAT') {
      if (header.indexed && palette === undefined) throw corruptPng(where, 'it has no palette');
      if (begun && before !== 'IDAT') throw corruptPng(where, 'its image data is interrupted');
      data.set(content, length);
      length += content.length;
      begun = true;
    } else if (type === 'PLTE') {
      if (palette !== undefined) throw corruptPng(where, 'it has two palettes');
      if (!begun) palette = paletteOf(content, header, where);
    } else if (type === 'tRNS') {
      if (!begun && fits(content, header, palette)) transparency ??= content;
    } else if (isCritical(type)) {
      throw corruptPng(where, `it has a chunk '${type}' out of place or unknown`);
    }
    before = type;
  }
  if (!begun) throw corruptPng(where, 'it has no image data');
  return { header, palette, transparency, data: data.subarray(0, length) };
}

/** All chunks up to IEND, which must be there. What stands after it is no part of the picture. */
function* chunksOf(bytes: Uint8Array, where: string): Generator<Chunk, undefined> {
  if (signature.some((byte, i) => bytes[i] !== byte)) {
    throw corruptPng(where, 'it does not begin like one');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = signature.length; ; ) {
    if (at + 12 > bytes.length) throw corruptPng(where, 'it is cut short');
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[a-z]{4}$/i.test(type)) throw corruptPng(where, `byte ${at} begins no chunk`);
    const end = at + 8 + length;
    if (length > largestChunk || end + 4 > bytes.length) {
      throw corruptPng(where, `it is cut short inside its chunk '${type}'`);
    }
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      throw corruptPng(where, `the checksum of its chunk '${type}' does not fit; it was damaged`);
    }
    if (type === 'IEND') return;
    yield { type, content: bytes.subarray(at + 8, end) };
    at = end + 4;
  }
}

/** Chunks that a decoder may not pass over begin with a capital letter. */
function isCritical(type: string): boolean {
  return type[0]! < 'a';
}

function paletteOf(
  content: Uint8Array,
  { indexed, channels, depth }: PngHeader,
  where: string,
): Uint8Array {
  const { length } = content;
  const isColour = indexed || channels >= 3;
  // That of a colour picture is a suggestion, which is not used; but libpng refuses one of no colours.
  const isWrong = indexed && (length % 3 !== 0 || length > 3 * 256);
  if (isWrong || (isColour && length === 0)) {
    throw corruptPng(where, `its palette has ${length} bytes`);
  }
  return indexed ? content.subarray(0, 3 * 2 ** depth) : content;
}

function fits(
  { length }: Uint8Array,
  { indexed, channels }: PngHeader,
  palette: Uint8Array | undefined,
): boolean {
  if (indexed) return length >= 1 && length <= (palette?.length ?? 0) / 3;
  return channels % 2 === 1 && length === 2 * channels;
}
