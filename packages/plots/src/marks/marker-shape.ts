import type { MarkerShape } from '../colour/palette.js';
import { coordinate } from '../path-data.js';

/**
 * Path data of a marker of about the area of a circle of the radius. Crosses and pluses are open
 * and want a stroke, the others a fill.
 */
export function markerPath(shape: MarkerShape, x: number, y: number, radius: number): string {
  const point = (dx: number, dy: number) =>
    `${coordinate(x + dx * radius)} ${coordinate(y + dy * radius)}`;
  switch (shape) {
    case 'circle': {
      const r = coordinate(radius);
      return `M${point(-1, 0)}a${r} ${r} 0 1 1 ${coordinate(2 * radius)} 0a${r} ${r} 0 1 1 ${coordinate(-2 * radius)} 0Z`;
    }
    case 'square':
      return `M${point(-0.89, -0.89)}L${point(0.89, -0.89)}L${point(0.89, 0.89)}L${point(-0.89, 0.89)}Z`;
    case 'triangle':
      return `M${point(0, -1.4)}L${point(1.25, 0.8)}L${point(-1.25, 0.8)}Z`;
    case 'diamond':
      return `M${point(0, -1.35)}L${point(1.15, 0)}L${point(0, 1.35)}L${point(-1.15, 0)}Z`;
    case 'cross':
      return `M${point(-0.9, -0.9)}L${point(0.9, 0.9)}M${point(-0.9, 0.9)}L${point(0.9, -0.9)}`;
    case 'plus':
      return `M${point(-1.2, 0)}L${point(1.2, 0)}M${point(0, -1.2)}L${point(0, 1.2)}`;
  }
}

function isOpen(shape: MarkerShape): boolean {
  return shape === 'cross' || shape === 'plus';
}

/** Attributes that paint a marker in a colour. */
export function markerPaint(shape: MarkerShape, colour: string, radius: number): string {
  return isOpen(shape)
    ? `fill="none" stroke="${colour}" stroke-width="${coordinate(Math.max(1.2, radius * 0.55))}"`
    : `fill="${colour}"`;
}
