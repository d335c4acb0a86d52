import { encode } from 'fast-png';
import { coordinate } from './path-data.js';

/** Pixels of 8 bits, row by row from the top: 1 grey, 3 RGB channels. */
export interface Raster {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** A PNG as a data URI, encoded without Node or a canvas. */
function pngDataUri(raster: Raster): string {
  const bytes = encode({ ...raster, depth: 8 });
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(binary)}`;
}

/** The style that browsers follow; resvg follows the attribute, but not beside a style. */
export const pixelatedStyle = ' style="image-rendering:pixelated"';

/** A rectangle in pixels, from its upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An `<image>` that fills a box, its pixels drawn as sharp squares unless `smooth`. */
export function drawRaster(raster: Raster, box: Box, smooth = false): string {
  const rendering = smooth ? '' : ` image-rendering="optimizeSpeed"${pixelatedStyle}`;
  return (
    `<image x="${coordinate(box.x)}" y="${coordinate(box.y)}" ` +
    `width="${coordinate(box.width)}" height="${coordinate(box.height)}" ` +
    `preserveAspectRatio="none"${rendering} href="${pngDataUri(raster)}"/>`
  );
}
