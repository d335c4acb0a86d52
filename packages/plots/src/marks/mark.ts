import type { ColourScale } from '../colour/value-colours.js';
import type { Range } from '../range.js';
import type { Box } from '../raster.js';

/** The range that a mark covers on each axis, in data units; undefined where it does not matter. */
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

/** The rectangle between two values of x and of y, in pixels. */
export function boxOf(frame: Frame, { x, y }: { readonly x: Range; readonly y: Range }): Box {
  const [left, right] = [frame.x(x[0]), frame.x(x[1])];
  const [bottom, top] = [frame.y(y[0]), frame.y(y[1])];
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** A layer of a panel. */
export interface Mark {
  readonly kind: string;
  /** Its name in the legend; without one it is not listed. */
  readonly label?: string | undefined;
  readonly extent: Extent;
  /** SVG that is clipped to the plot area. */
  draw(frame: Frame): string;
  /** SVG that is not clipped: text, annotations. */
  drawOver?(frame: Frame): string;
  /** SVG of its sample in the legend, centred on the origin, at most 30 × 16 pixels. */
  key?(): string;
  readonly colours?: ColourScale | undefined;
}
