import type { RampName } from '../colour/ramps.js';

/** The lowest and highest value along an axis. */
export type Range = readonly [low: number, high: number];

/** What a mark covers, in data units; an axis that it does not care about is left out. */
export interface Extent {
  readonly x?: Range | undefined;
  readonly y?: Range | undefined;
}

/** The plot area that a mark draws into, in pixels from its upper left corner. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Pixels of a value. */
  x(value: number): number;
  y(value: number): number;
}

/** The colour map of a mark and the values at its ends, for a colour bar. */
export interface ColourScale {
  readonly ramp: RampName;
  readonly domain: Range;
  readonly kind: 'linear' | 'log';
}

/** A layer of a panel, made by the functions of this folder. */
export interface Mark {
  readonly kind: string;
  /** Its name in the legend; without one it is not listed. */
  readonly label?: string | undefined;
  readonly extent: Extent;
  /** SVG of what is clipped to the plot area. */
  draw(frame: Frame): string;
  /** SVG of what may stand beyond it: text, annotations. */
  drawOver?(frame: Frame): string;
  /** SVG of its sample in the legend, centred on the origin, at most 30 × 16 pixels. */
  key?(): string;
  readonly colours?: ColourScale | undefined;
}

/** The lowest and highest of some values; undefined of none. */
export function rangeOf(values: ArrayLike<number>): Range | undefined {
  if (values.length === 0) return undefined;
  let low = values[0]!;
  let high = low;
  for (let i = 1; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return [low, high];
}

/** The range that holds both. */
export function joinRanges(a: Range | undefined, b: Range | undefined): Range | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}
