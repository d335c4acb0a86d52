import { type FloatArray, TweedieError } from '@tweedie/core';
import { encode } from 'fast-png';

/** Pixels of 8 bits, row-major, 1 (grey) or 3 (RGB) channels. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/**
 * Lays images out in a grid, near-square unless `columns` is given.
 *
 * @param images [N, H, W, C] with values in [−1, 1] (beyond is clipped), C 1 or 3
 * @param gap pixels between images
 * @throws TweedieError INVALID_SHAPE when the array does not hold images
 */
export function imageGrid(images: FloatArray, columns?: number, gap = 2): Pixels {
  const [count = 0, height = 0, width = 0, channels = 0] = images.shape;
  if (images.shape.length !== 4 || count === 0 || (channels !== 1 && channels !== 3)) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'cli',
      given: `an array of shape [${images.shape.join(', ')}] is to become a picture`,
      allowed: '[images, height, width, 1 or 3 channels]',
      fix: 'write it as .npy or .safetensors',
    });
  }
  const across = Math.min(columns ?? Math.ceil(Math.sqrt(count)), count);
  const down = Math.ceil(count / across);
  const gridWidth = across * width + (across + 1) * gap;
  const gridHeight = down * height + (down + 1) * gap;
  const data = new Uint8Array(gridWidth * gridHeight * channels).fill(40);
  for (let image = 0; image < count; image++) {
    const left = gap + (image % across) * (width + gap);
    const top = gap + Math.floor(image / across) * (height + gap);
    for (let row = 0; row < height; row++) {
      const from = (image * height + row) * width * channels;
      const to = ((top + row) * gridWidth + left) * channels;
      for (let i = 0; i < width * channels; i++) data[to + i] = toByte(images.data[from + i]!);
    }
  }
  return { data, width: gridWidth, height: gridHeight, channels };
}

/** [−1, 1] to 0 … 255. */
function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round((value + 1) * 127.5)));
}

/** Enlarges by whole pixels, so that small pictures can be looked at. */
export function enlarge(pixels: Pixels, factor: number): Pixels {
  const { width, height, channels } = pixels;
  const data = new Uint8Array(pixels.data.length * factor * factor);
  for (let y = 0; y < height * factor; y++) {
    for (let x = 0; x < width * factor; x++) {
      const from = (Math.floor(y / factor) * width + Math.floor(x / factor)) * channels;
      const to = (y * width * factor + x) * channels;
      for (let c = 0; c < channels; c++) data[to + c] = pixels.data[from + c]!;
    }
  }
  return { data, width: width * factor, height: height * factor, channels };
}

export function encodePng(pixels: Pixels): Uint8Array {
  return encode({ ...pixels, depth: 8 });
}
