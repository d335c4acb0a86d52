import { TweedieError } from '@tweedie/core';
import { type DecodedPng, decode } from 'fast-png';
import type { Pixels } from '../picture.js';

const signature = [0x89, 0x50, 0x4e, 0x47];
/** Where the header of a PNG says how it is stored (PNG specification, section 11.2.1). */
const widthAt = 16;
const heightAt = 20;
const colourTypeAt = 25;
const interlaceAt = 28;
const indexed = 3;
/** Of a picture that is read: a small file may unpack to gigabytes. */
const mostPixels = 2 ** 26;

/**
 * The pixels of a PNG file: grey, colour or palette, of 1 to 16 bits, with alpha or a transparent
 * colour.
 *
 * @param where names the file in messages
 * @throws TweedieError CORRUPT_FILE for what is not a PNG, or torn; UNSUPPORTED for an interlaced
 * one of fewer than 8 bits, and for more than 2²⁶ pixels
 */
export function parsePng(bytes: Uint8Array, where: string): Pixels {
  checkSize(bytes, where);
  let png: DecodedPng;
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (cause) {
    throw corrupt(where, cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (png.depth < 8 && bytes[interlaceAt] !== 0) {
    throw new TweedieError({
      code: 'UNSUPPORTED',
      package: 'data',
      given: `${where} is an interlaced PNG of ${png.depth} bits`,
      allowed: 'PNG files without interlacing, or of 8 or 16 bits',
      fix: 'save it again without interlacing',
    });
  }
  const { width, height, channels } = png;
  const samples = unpacked(png);
  if (samples.length !== width * height * channels) {
    throw corrupt(where, `it holds ${samples.length} samples of ${width * height * channels}`);
  }
  if (bytes[colourTypeAt] === indexed) return fromPalette(png, samples, where);
  const max = 2 ** png.depth - 1;
  const { transparency } = png;
  if (transparency === undefined) {
    return { width, height, data: samples, channels: channels as 1 | 2 | 3 | 4, max };
  }
  // One colour stands for nothing.
  const withAlpha = new Uint16Array(width * height * (channels + 1));
  for (let pixel = 0; pixel < width * height; pixel++) {
    const colour = samples.subarray(pixel * channels, (pixel + 1) * channels);
    withAlpha.set(colour, pixel * (channels + 1));
    const clear = colour.every((value, channel) => value === transparency[channel]);
    withAlpha[(pixel + 1) * (channels + 1) - 1] = clear ? 0 : max;
  }
  return { width, height, data: withAlpha, channels: channels === 1 ? 2 : 4, max };
}

/** Refuses a header that asks for too much memory; what is no PNG at all, `decode` refuses. */
function checkSize(bytes: Uint8Array, where: string): void {
  if (bytes.length < colourTypeAt || signature.some((byte, i) => bytes[i] !== byte)) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [width, height] = [view.getUint32(widthAt), view.getUint32(heightAt)];
  if (width * height <= mostPixels) return;
  throw new TweedieError({
    code: 'UNSUPPORTED',
    package: 'data',
    given: `${where} is a PNG of ${width} × ${height} pixels`,
    allowed: `at most ${mostPixels} pixels`,
    fix: 'make the picture smaller',
  });
}

/** One number a sample; samples of fewer than 8 bits share bytes, and each row begins a new one. */
function unpacked({ data, width, height, depth, channels }: DecodedPng): Uint16Array {
  if (depth >= 8) return Uint16Array.from(data);
  const perRow = width * channels;
  const bytesPerRow = Math.ceil((perRow * depth) / 8);
  if (data.length !== bytesPerRow * height) return new Uint16Array(0);
  return Uint16Array.from({ length: perRow * height }, (_, i) => {
    const bit = (i % perRow) * depth;
    const byte = data[Math.floor(i / perRow) * bytesPerRow + (bit >> 3)]!;
    return (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  });
}

function fromPalette(png: DecodedPng, samples: Uint16Array, where: string): Pixels {
  const data = new Uint8Array(samples.length * 4);
  samples.forEach((index, pixel) => {
    const colour = png.palette?.[index];
    if (colour === undefined) throw corrupt(where, `colour ${index} is not in its palette`);
    const [red = 0, green = 0, blue = 0, alpha = 255] = colour;
    data.set([red, green, blue, alpha], pixel * 4);
  });
  return { width: png.width, height: png.height, data, channels: 4, max: 255 };
}

function corrupt(where: string, why: string, cause?: unknown): TweedieError {
  return new TweedieError({
    code: 'CORRUPT_FILE',
    package: 'data',
    given: `${where} cannot be read as a PNG (${why})`,
    allowed: 'a whole PNG file',
    fix: 'save the picture as PNG again',
    ...(cause === undefined ? {} : { cause }),
  });
}
