import { rgb } from 'd3-color';
import {
  interpolateBlues,
  interpolateCividis,
  interpolateGreys,
  interpolateRdBu,
  interpolateViridis,
} from 'd3-scale-chromatic';
import { refuseOption } from '../problems.js';

/** Red, green and blue, 0 … 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * Viridis and cividis rise evenly in lightness; 'diverging' is ColorBrewer's RdBu from blue to red,
 * with a neutral middle; 'blues' and 'greys' (ColorBrewer too) start at white or near it, for a
 * density behind other marks.
 */
const interpolators = {
  viridis: interpolateViridis,
  cividis: interpolateCividis,
  diverging: (share: number) => interpolateRdBu(1 - share),
  blues: interpolateBlues,
  greys: interpolateGreys,
} as const;

export type RampName = keyof typeof interpolators;
export const rampNames = Object.keys(interpolators) as readonly RampName[];

/**
 * The colour of a share of a colour map.
 *
 * @param share 0 … 1; beyond is clipped
 * @throws TweedieError UNKNOWN_NAME
 */
export function rampColour(name: RampName, share: number): Rgb {
  if (!rampNames.includes(name)) {
    throw refuseOption('UNKNOWN_NAME', `the colour map '${name}'`, rampNames);
  }
  const { r, g, b } = rgb(interpolators[name](Math.min(1, Math.max(0, share))));
  return [r, g, b];
}

/** '#rrggbb' */
export function hexColour([red, green, blue]: Rgb): string {
  return rgb(red, green, blue).formatHex();
}
