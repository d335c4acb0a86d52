import { type FloatArray, sizeOf, TweedieError } from '@tweedie/core';

/** Points as rows of numbers. */
export interface PointSet {
  readonly data: ArrayLike<number>;
  readonly count: number;
  readonly dimension: number;
}

/**
 * Reads [N, ...itemShape] as N points of D numbers.
 *
 * @param what the array's name, for messages: 'the generated points'
 * @param least the minimum number of points
 * @throws TweedieError INVALID_SHAPE without an item axis, for empty items or data of another length; INVALID_VALUE for fewer points; NOT_FINITE for NaN and infinities
 */
export function pointSet(what: string, array: FloatArray, least: number): PointSet {
  const { data, shape } = array;
  const [count, ...itemShape] = shape;
  const dimension = sizeOf(itemShape);
  if (count === undefined || dimension < 1 || count * dimension !== data.length) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'metrics',
      given: `${what} have the shape [${shape.join(', ')}] and ${data.length} numbers`,
      allowed: '[N, ...shape of one item], with at least one number an item',
    });
  }
  checkCount(what, count, least);
  checkFinite(what, data, dimension);
  return { data, count, dimension };
}

/**
 * Two sets of points in the same space.
 *
 * @throws TweedieError as `pointSet`, and INVALID_SHAPE when the items differ in size
 */
export function twoPointSets(
  [whatX, x]: readonly [string, FloatArray],
  [whatY, y]: readonly [string, FloatArray],
  least: number,
): readonly [PointSet, PointSet] {
  const first = pointSet(whatX, x, least);
  const second = pointSet(whatY, y, least);
  if (first.dimension !== second.dimension) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'metrics',
      given: `${whatX} have the shape [${x.shape.join(', ')}] and ${whatY} [${y.shape.join(', ')}]`,
      allowed: 'items of one shape',
    });
  }
  return [first, second];
}

/** Rows of numbers, such as the means of a mixture, as points of the given dimension. */
export function rowSet(
  what: string,
  rows: readonly (readonly number[])[],
  dimension: number,
): PointSet {
  checkCount(what, rows.length, 1);
  const odd = rows.findIndex((row) => row.length !== dimension);
  if (odd !== -1) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'metrics',
      given: `row ${odd} of ${what} has ${rows[odd]!.length} numbers`,
      allowed: `${dimension} numbers, as the points have`,
    });
  }
  const data = rows.flat();
  checkFinite(what, data, dimension);
  return { data, count: rows.length, dimension };
}

/** Squared Euclidean distance of row i of one set and row j of another. */
export function squaredDistance(x: PointSet, i: number, y: PointSet, j: number): number {
  const { dimension } = x;
  const [a, b] = [x.data, y.data];
  const [startA, startB] = [i * dimension, j * dimension];
  let sum = 0;
  for (let d = 0; d < dimension; d++) {
    const difference = a[startA + d]! - b[startB + d]!;
    sum += difference * difference;
  }
  return sum;
}

/** @throws TweedieError INVALID_VALUE for fewer than `least` */
export function checkCount(what: string, count: number, least: number): void {
  if (count >= least) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'metrics',
    given: `${what} are ${count} in number`,
    allowed: `at least ${least}`,
  });
}

/** @throws TweedieError NOT_FINITE naming the first row and column that is NaN or infinite */
export function checkFinite(what: string, values: ArrayLike<number>, width: number): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]!)) continue;
    throw new TweedieError({
      code: 'NOT_FINITE',
      package: 'metrics',
      given: `${what}: row ${Math.floor(i / width)}, column ${i % width} is ${values[i]} (both count from 0)`,
      allowed: 'finite numbers',
    });
  }
}
