import type { FloatArray } from '@tweedie/core';
import type { Pixels } from './image-grid.js';

/**
 * Draws points of the plane as a density picture: dark points on white, equal scales, the data's
 * own range with a margin.
 *
 * @param points [N, 2]
 * @param size width and height in pixels
 */
export function scatter(points: FloatArray, size = 512): Pixels {
  const count = points.shape[0]!;
  let low = [Infinity, Infinity];
  let high = [-Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    const x = points.data[2 * i]!;
    const y = points.data[2 * i + 1]!;
    low = [Math.min(low[0]!, x), Math.min(low[1]!, y)];
    high = [Math.max(high[0]!, x), Math.max(high[1]!, y)];
  }
  const extent = Math.max(high[0]! - low[0]!, high[1]! - low[1]!, 1e-6) * 1.1;
  const centre = [(low[0]! + high[0]!) / 2, (low[1]! + high[1]!) / 2];
  const place = (value: number, axis: 0 | 1) =>
    Math.round(((value - centre[axis]!) / extent + 0.5) * (size - 1));
  const data = new Uint8Array(size * size).fill(255);
  const ink = Math.round(Math.max(40, Math.min(200, (size * size) / 4 / Math.max(count, 1))));
  for (let i = 0; i < count; i++) {
    const x = place(points.data[2 * i]!, 0);
    // Rows run downwards in a picture and y upwards in the plane.
    const y = size - 1 - place(points.data[2 * i + 1]!, 1);
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const px = x + dx;
        const py = y + dy;
        if (px < 0 || py < 0 || px >= size || py >= size) continue;
        const weight = dx === 0 && dy === 0 ? 1 : 0.5;
        const at = py * size + px;
        data[at] = Math.max(0, data[at]! - ink * weight);
      }
    }
  }
  return { data, width: size, height: size, channels: 1 };
}
