import type { FloatArray } from '@tweedie/core';
import { checkFinite, checkRange, refuseOption } from '../problems.js';
import type { Range } from '../range.js';
import { drawRaster, type Raster } from '../raster.js';
import { boxOf, type Mark } from './mark.js';

export interface ImageOptions {
  /** Where it stands in data units; one unit a pixel from the origin unless given. */
  readonly x?: Range | undefined;
  readonly y?: Range | undefined;
  /** The values that are black and white; [−1, 1] unless given. Beyond is clipped. */
  readonly range?: Range | undefined;
  /** Lets the viewer smooth between pixels. */
  readonly smooth?: boolean | undefined;
}

/**
 * A picture in grey or RGB, its first row on top.
 *
 * @param pixels [H, W], [H, W, 1] or [H, W, 3]
 * @throws TweedieError INVALID_SHAPE, NOT_FINITE, INVALID_VALUE
 */
export function image(pixels: FloatArray, options: ImageOptions = {}): Mark {
  const [height = 0, width = 0, channels = 1] = pixels.shape;
  const isImage = pixels.shape.length === 2 || pixels.shape.length === 3;
  if (!isImage || height === 0 || width === 0 || (channels !== 1 && channels !== 3)) {
    throw refuseOption(
      'INVALID_SHAPE',
      `an image has the shape [${pixels.shape.join(', ')}]`,
      '[height, width], [height, width, 1] or [height, width, 3]',
    );
  }
  checkFinite('image', 'pixel', pixels.data);
  const { x = [0, width], y = [0, height], range = [-1, 1] } = options;
  checkRange('image: x', x);
  checkRange('image: y', y);
  checkRange('image: range', range);
  const [black, white] = range;
  const raster: Raster = {
    data: Uint8Array.from(pixels.data, (value) =>
      Math.min(255, Math.max(0, Math.round(((value - black) / (white - black)) * 255))),
    ),
    width,
    height,
    channels,
  };
  return {
    kind: 'image',
    extent: { x, y },
    draw(frame) {
      return drawRaster(raster, boxOf(frame, { x, y }), options.smooth);
    },
  };
}
