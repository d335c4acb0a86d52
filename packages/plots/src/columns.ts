import type { FloatArray } from '@tweedie/core';
import { checkFinite, refuseOption } from './problems.js';

/** 2-D points: an array [N, 2], or a list of pairs. */
export type PointList = FloatArray | readonly (readonly [x: number, y: number])[];

/** The coordinates of points, by axis. */
export interface Columns {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/**
 * @param mark name of the mark, for messages
 * @throws TweedieError INVALID_SHAPE when they are not 2-D points, NOT_FINITE
 */
export function columnsOf(mark: string, points: PointList, what = ''): Columns {
  const { x, y } = 'shape' in points ? fromArray(mark, points) : fromPairs(points);
  checkFinite(mark, `x${what}`, x);
  checkFinite(mark, `y${what}`, y);
  return { x, y };
}

function fromArray(mark: string, points: FloatArray): Columns {
  if (points.shape.length !== 2 || points.shape[1] !== 2) {
    throw refuseOption(
      'INVALID_SHAPE',
      `${mark} is given an array of shape [${points.shape.join(', ')}]`,
      '[points, 2]',
    );
  }
  const count = points.shape[0]!;
  return {
    x: Float64Array.from({ length: count }, (_, i) => points.data[2 * i]!),
    y: Float64Array.from({ length: count }, (_, i) => points.data[2 * i + 1]!),
  };
}

function fromPairs(points: readonly (readonly [number, number])[]): Columns {
  return {
    x: Float64Array.from(points, (point) => point[0] ?? Number.NaN),
    y: Float64Array.from(points, (point) => point[1] ?? Number.NaN),
  };
}
