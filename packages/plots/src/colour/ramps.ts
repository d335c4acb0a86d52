import { refuseOption } from '../problems.js';

/** Red, green and blue, 0 … 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * Colours between which the maps below interpolate in equal steps. Viridis and cividis (both
 * CC0) rise evenly in lightness; 'diverging' runs from Okabe and Ito's blue to their vermillion
 * with a neutral middle; 'blues' and 'greys' start at white, for a density behind other marks.
 */
const anchors = {
  viridis: '440154 482475 414487 355f8d 2a788e 21918c 22a884 44bf70 7ad151 bddf26 fde725',
  cividis: '00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838',
  diverging: '023858 0072b2 7fb6d8 f5f5f5 ecaf84 d55e00 6b2c00',
  blues: 'ffffff dceaf4 b0d0e6 78b0d6 3d8bc0 0f669f 083f6b',
  greys: 'ffffff d9d9d9 a6a6a6 737373 404040 1a1a1a',
} as const;

export type RampName = keyof typeof anchors;
export const rampNames = Object.keys(anchors) as readonly RampName[];

const tables = new Map<string, readonly Rgb[]>(
  Object.entries(anchors).map(([name, list]) => [name, list.split(' ').map(parseHex)]),
);

function parseHex(hex: string): Rgb {
  const value = Number.parseInt(hex, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/**
 * The colour of a share of a colour map.
 *
 * @param share 0 … 1; beyond is clipped
 * @throws TweedieError UNKNOWN_NAME
 */
export function rampColour(name: RampName, share: number): Rgb {
  const table = tables.get(name);
  if (table === undefined)
    throw refuseOption('UNKNOWN_NAME', `the colour map '${name}'`, rampNames);
  const place = Math.min(1, Math.max(0, share)) * (table.length - 1);
  const index = Math.min(table.length - 2, Math.floor(place));
  const weight = place - index;
  const from = table[index]!;
  const to = table[index + 1]!;
  return [0, 1, 2].map((c) =>
    Math.round(from[c]! + (to[c]! - from[c]!) * weight),
  ) as unknown as Rgb;
}

/** '#rrggbb' */
export function hexColour(rgb: Rgb): string {
  return `#${rgb.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
