import {
  type SymbolType,
  symbol,
  symbolCircle,
  symbolDiamond,
  symbolPlus,
  symbolSquare,
  symbolTimes,
  symbolTriangle,
} from 'd3-shape';
import type { MarkerShape } from '../colour/palette.js';
import { coordinate } from '../path-data.js';

/** Crosses and pluses are strokes, the others are filled. */
const shapes: Record<MarkerShape, { readonly type: SymbolType; readonly isOpen?: boolean }> = {
  circle: { type: symbolCircle },
  square: { type: symbolSquare },
  triangle: { type: symbolTriangle },
  diamond: { type: symbolDiamond },
  cross: { type: symbolTimes, isOpen: true },
  plus: { type: symbolPlus, isOpen: true },
};

/**
 * Draws one marker at any place, of about the area of a circle of the radius.
 *
 * @returns a function of the centre in pixels and of attributes of the SVG element
 */
export function markerOf(
  shape: MarkerShape,
  radius: number,
): (x: number, y: number, attributes?: string) => string {
  if (shape === 'circle') {
    return (x, y, attributes = '') =>
      `<circle cx="${coordinate(x)}" cy="${coordinate(y)}" r="${coordinate(radius)}" ${attributes}/>`;
  }
  const path = symbol(shapes[shape].type, Math.PI * radius ** 2).digits(2)();
  return (x, y, attributes = '') =>
    `<path transform="translate(${coordinate(x)} ${coordinate(y)})" d="${path}" ${attributes}/>`;
}

/** Attributes that paint a marker in a colour. */
export function markerPaint(shape: MarkerShape, colour: string, radius: number): string {
  return shapes[shape].isOpen
    ? `fill="none" stroke="${colour}" stroke-width="${coordinate(Math.max(1.2, radius * 0.55))}"`
    : `fill="${colour}"`;
}
