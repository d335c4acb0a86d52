import { corruptPng } from './corrupt-png.js';

/** What the IHDR chunk says. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  readonly indexed: boolean;
  /** Samples of a pixel, 1 for an indexed one. */
  readonly channels: 1 | 2 | 3 | 4;
  readonly interlaced: boolean;
}

interface ColourType {
  readonly channels: 1 | 2 | 3 | 4;
  readonly depths: readonly number[];
}

/** By their number in the header (PNG specification, table 11.1). */
const colourTypes: ReadonlyMap<number, ColourType> = new Map<number, ColourType>([
  [0, { channels: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { channels: 3, depths: [8, 16] }],
  [3, { channels: 1, depths: [1, 2, 4, 8] }],
  [4, { channels: 2, depths: [8, 16] }],
  [6, { channels: 4, depths: [8, 16] }],
]);
const indexedColour = 3;

/**
 * @param content of the IHDR chunk
 * @throws TweedieError CORRUPT_FILE for what the specification does not have
 */
export function parsePngHeader(content: Uint8Array, where: string): PngHeader {
  if (content.length !== 13) throw corruptPng(where, `its header has ${content.length} bytes`);
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  if ([width, height].some((extent) => extent < 1 || extent >= 2 ** 31)) {
    throw corruptPng(where, `it claims ${width} × ${height} pixels`);
  }
  const [depth, colour, compression, filter, interlace] = content.subarray(8) as unknown as [
    ...[depth: number, colour: number, compression: number, filter: number, interlace: number],
  ];
  const type = colourTypes.get(colour);
  if (type === undefined || !type.depths.includes(depth)) {
    throw corruptPng(where, `it has ${depth} bits of the colour type ${colour}`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw corruptPng(
      where,
      `compression ${compression}, filter ${filter} and interlace ${interlace} are unknown`,
    );
  }
  const { channels } = type;
  const indexed = colour === indexedColour;
  return { width, height, depth, channels, indexed, interlaced: interlace === 1 };
}
