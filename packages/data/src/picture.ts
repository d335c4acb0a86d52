import {
  choice,
  type Dataset,
  number,
  type OptionsInput,
  resolveOptions,
  TweedieError,
} from '@tweedie/core';
import { planeDataset } from './plane-dataset.js';

/** A picture in memory, row by row from the top; a canvas's `ImageData` is one. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** width·height·channels numbers from 0 to `max`. */
  readonly data: ArrayLike<number>;
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha; default 4. */
  readonly channels?: 1 | 2 | 3 | 4;
  /** The number that is white, and opaque; default 255. */
  readonly max?: number;
}

export const pictureOptions = {
  ink: choice(['dark', 'light', 'alpha'], {
    default: 'dark',
    doc: 'what is drawn: dark on white or nothing, light on black or nothing, whatever is opaque',
  }),
  threshold: number({
    default: 0,
    min: 0,
    below: 1,
    doc: 'pixels with less ink than this share of full ink have none',
  }),
  noise: number({ default: 0, min: 0, doc: 'standard deviation of the noise' }),
};
export type PictureOptions = OptionsInput<typeof pictureOptions>;

/**
 * The distribution on the plane whose density is the ink of a picture: a pixel is chosen with a
 * probability in proportion to its ink, and the point is uniform inside it. The top of the picture is
 * up in the plane. As the other 2-D sets it has mean 0 and E‖x‖² = 2 without noise, and item i
 * of step s is a function of (the generator's key, s, i).
 *
 * Ink is alpha·(1 − Y) for 'dark', alpha·Y for 'light' and alpha for 'alpha', where Y is the luma of
 * the pixel's RGB as it stands (0.2126 R + 0.7152 G + 0.0722 B).
 *
 * @param where names the picture in messages
 * @throws TweedieError INVALID_SHAPE for data of another length, NOT_FINITE or INVALID_VALUE for
 * numbers outside 0 … max and for a picture without ink, INVALID_OPTION
 */
export function pictureDataset(
  pixels: Pixels,
  options: PictureOptions = {},
  where = 'the picture',
): Dataset {
  const resolved = resolveOptions('data picture', pictureOptions, options);
  const { ink, threshold, noise } = resolved;
  const { width, height } = checkedSize(pixels, where);
  const share = inkOf(pixels, ink, where);
  let drawn = 0;
  for (const amount of share) if (hasInk(amount, threshold)) drawn++;
  if (drawn === 0) {
    const most = share.reduce((a, b) => Math.max(a, b), 0);
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'data',
      given: `${where} has no pixel with ink '${ink}' (the most is ${most} of 1, the threshold ${threshold})`,
      allowed: 'a picture with something drawn on it',
      fix: "choose another ink ('dark', 'light', 'alpha') or a lower threshold",
    });
  }
  const places = new Int32Array(drawn);
  const sums = new Float64Array(drawn);
  let total = 0;
  let [meanX, meanY] = [0, 0];
  let next = 0;
  for (let place = 0; place < share.length; place++) {
    const amount = share[place]!;
    if (!hasInk(amount, threshold)) continue;
    total += amount;
    places[next] = place;
    sums[next++] = total;
    meanX += amount * ((place % width) + 0.5);
    meanY += amount * (height - 0.5 - Math.floor(place / width));
  }
  const centre = [meanX / total, meanY / total] as const;
  let spread = 0;
  for (const place of places) {
    const dx = (place % width) + 0.5 - centre[0];
    const dy = height - 0.5 - Math.floor(place / width) - centre[1];
    // 1/12 for each coordinate inside the pixel.
    spread += (share[place]! / total) * (dx ** 2 + dy ** 2 + 1 / 6);
  }
  const body = planeDataset({
    classes: 0,
    noise,
    centre,
    spread,
    point(_label, [u, v], [z, w]) {
      // Two numbers on a grid of 2⁻²⁴ make one of 2⁻⁴⁸, fine enough for any picture.
      const place = places[firstAbove(sums, (u + v * 2 ** -24) * total)]!;
      // Box–Muller in reverse: two normal numbers are two uniform ones.
      const across = Math.atan2(w, z) / (2 * Math.PI) + 0.5;
      const down = 1 - Math.exp(-(z ** 2 + w ** 2) / 2);
      return [(place % width) + across, height - Math.floor(place / width) - down];
    },
  });
  return { ...body, name: 'picture', config: { width, height, ...resolved } };
}

function hasInk(amount: number, threshold: number): boolean {
  return amount > 0 && amount >= threshold;
}

function checkedSize({ width, height, data, channels = 4 }: Pixels, where: string) {
  const whole = [width, height].every((extent) => Number.isSafeInteger(extent) && extent >= 1);
  if (whole && [1, 2, 3, 4].includes(channels) && data.length === width * height * channels) {
    return { width, height };
  }
  throw new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'data',
    given: `${where} has ${width} × ${height} pixels of ${channels} channels and ${data.length} numbers`,
    allowed: 'width·height·channels numbers, with 1 to 4 channels',
  });
}

/** The ink of each pixel, 0 … 1. */
function inkOf(pixels: Pixels, ink: 'dark' | 'light' | 'alpha', where: string): Float64Array {
  const { width, height, data, channels = 4, max = 255 } = pixels;
  for (let i = 0; i < data.length; i++) {
    if (data[i]! >= 0 && data[i]! <= max) continue;
    throw new TweedieError({
      code: Number.isNaN(data[i]!) ? 'NOT_FINITE' : 'INVALID_VALUE',
      package: 'data',
      given: `${where} has the number ${data[i]} at pixel ${Math.floor(i / channels)}`,
      allowed: `numbers from 0 to ${max}`,
    });
  }
  const hasAlpha = channels === 2 || channels === 4;
  const shares = new Float64Array(width * height);
  for (let pixel = 0; pixel < shares.length; pixel++) {
    const at = pixel * channels;
    const alpha = hasAlpha ? data[at + channels - 1]! / max : 1;
    const luma =
      channels < 3
        ? data[at]!
        : 0.2126 * data[at]! + 0.7152 * data[at + 1]! + 0.0722 * data[at + 2]!;
    // White must have no ink to the last bit.
    const light = Math.min(1, Math.round((luma / max) * 2 ** 40) / 2 ** 40);
    const drawn = ink === 'light' ? light : 1 - light;
    shares[pixel] = ink === 'alpha' ? alpha : alpha * drawn;
  }
  return shares;
}

/** The first of rising sums that is above a value, by bisection; the last one at most. */
function firstAbove(sums: Float64Array, value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
