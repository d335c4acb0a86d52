import { checkLimit, type DataLimits, withLimits } from '../../limits.js';
import type { Pixels } from '../../picture.js';
import { corruptPng } from './corrupt-png.js';
import { type PngChunks, parsePngChunks } from './png-chunks.js';
import type { PngHeader } from './png-header.js';
import { unpackSamples } from './png-samples.js';

/**
 * The pixels of a PNG file: grey, colour or palette, of 1 to 16 bits, interlaced or not, with alpha or a
 * transparent colour.
 *
 * @param where names the file in messages
 * @param limits of `pixels`, where it differs from `dataLimits`
 * @throws TweedieError CORRUPT_FILE for what is not a PNG, or torn; UNSUPPORTED for more pixels than
 * the limit
 */
export function parsePng(
  bytes: Uint8Array,
  where = 'the PNG data',
  limits: Partial<DataLimits> = {},
): Pixels {
  const allowed = withLimits(limits);
  const { palette, transparency, data, header } = parsePngChunks(bytes, where, (found) =>
    checkLimit(
      'pixels',
      found.width * found.height,
      allowed,
      `${where} is a PNG of ${found.width} × ${found.height} pixels`,
    ),
  );
  const samples = unpackSamples(data, header, where);
  if (header.indexed) return fromPalette(samples, header, palette!, transparency, where);
  if (transparency !== undefined) return withTransparentColour(samples, header, transparency);
  const { width, height, channels, depth } = header;
  return { width, height, data: samples, channels, max: 2 ** depth - 1 };
}

function fromPalette(
  samples: Uint8Array | Uint16Array,
  { width, height }: PngHeader,
  palette: Uint8Array,
  alphas: PngChunks['transparency'],
  where: string,
): Pixels {
  const data = new Uint8Array(samples.length * 4);
  const colours = palette.length / 3;
  for (let pixel = 0; pixel < samples.length; pixel++) {
    const index = samples[pixel]!;
    if (index >= colours) throw corruptPng(where, `colour ${index} is not in its palette`);
    data[4 * pixel] = palette[3 * index]!;
    data[4 * pixel + 1] = palette[3 * index + 1]!;
    data[4 * pixel + 2] = palette[3 * index + 2]!;
    data[4 * pixel + 3] = alphas?.[index] ?? 255;
  }
  return { width, height, data, channels: 4, max: 255 };
}

/** One colour stands for nothing. */
function withTransparentColour(
  samples: Uint8Array | Uint16Array,
  { width, height, channels, depth }: PngHeader,
  transparency: Uint8Array,
): Pixels {
  const max = 2 ** depth - 1;
  // Of the 16 bits of a sample, those that the picture has.
  const clear = Array.from(
    { length: channels },
    (_, channel) => ((transparency[2 * channel]! << 8) | transparency[2 * channel + 1]!) & max,
  );
  const pixels = width * height;
  const length = pixels * (channels + 1);
  const data = depth === 16 ? new Uint16Array(length) : new Uint8Array(length);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const [from, to] = [pixel * channels, pixel * (channels + 1)];
    let isClear = true;
    for (let channel = 0; channel < channels; channel++) {
      const value = samples[from + channel]!;
      data[to + channel] = value;
      isClear &&= value === clear[channel];
    }
    data[to + channels] = isClear ? 0 : max;
  }
  return { width, height, data, channels: channels === 1 ? 2 : 4, max };
}
