import { curveLinearClosed, line } from 'd3-shape';

/** A point in pixels. */
export type PixelPoint = readonly [x: number, y: number];

/** A pixel coordinate, to a tenth of a pixel where that is enough and to a hundredth below 10. */
export function coordinate(value: number): string {
  const digits = Math.abs(value) < 10 ? 100 : 10;
  const rounded = Math.round(value * digits) / digits;
  return String(rounded === 0 ? 0 : rounded);
}

const openPath = line<PixelPoint>().digits(1);
const closedPath = line<PixelPoint>().curve(curveLinearClosed).digits(1);

/** Path data of straight lines through points; '' of none. */
export function linePath(points: Iterable<PixelPoint>): string {
  return openPath(points) ?? '';
}

/** Path data of a polygon; '' of no points. */
export function polygonPath(points: Iterable<PixelPoint>): string {
  return closedPath(points) ?? '';
}
