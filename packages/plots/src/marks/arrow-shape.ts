import { polygonPath } from '../path-data.js';

/**
 * Outline of an arrow, as path data; a head that is longer than the arrow shrinks with it.
 *
 * @param thickness of the shaft, in pixels
 */
export function arrowPath(
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  thickness: number,
  headLength = 4.2 * thickness,
): string {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 0.3) return '';
  const scale = Math.min(1, length / (1.25 * headLength));
  const head = headLength * scale;
  const half = (thickness / 2) * Math.max(scale, 0.35);
  const wing = head * 0.46;
  const ux = (x1 - x0) / length;
  const uy = (y1 - y0) / length;
  const outline = [
    [0, half],
    [length - head, half],
    [length - head, wing],
    [length, 0],
    [length - head, -wing],
    [length - head, -half],
    [0, -half],
  ] as const;
  return polygonPath(
    outline.map(([along, across]) => [
      x0 + along * ux - across * uy,
      y0 + along * uy + across * ux,
    ]),
  );
}
