import { checkRange, refuseOption } from './problems.js';

/** Values on a rectangle of cells. */
export interface Grid {
  readonly x: readonly [low: number, high: number];
  readonly y: readonly [low: number, high: number];
  readonly columns: number;
  readonly rows: number;
  /** columns · rows values at the cells' centres, row by row from the lowest y. */
  readonly values: ArrayLike<number>;
}

/** A rectangle and its division into cells. */
export type GridShape = Omit<Grid, 'values'>;

/**
 * The centres of a grid's cells, row by row from the lowest y, as points.
 *
 * @throws TweedieError INVALID_VALUE when the rectangle is empty or has no cells
 */
export function cellCentres(shape: GridShape): [x: number, y: number][] {
  checkGridShape('a grid', shape);
  const { columns, rows } = shape;
  return Array.from({ length: columns * rows }, (_, i) => [
    between(shape.x, ((i % columns) + 0.5) / columns),
    between(shape.y, (Math.floor(i / columns) + 0.5) / rows),
  ]);
}

function between([low, high]: readonly [number, number], share: number): number {
  return low + (high - low) * share;
}

/**
 * A grid of a function's values at the cells' centres.
 *
 * @throws TweedieError INVALID_VALUE
 */
export function evaluateGrid(shape: GridShape, f: (x: number, y: number) => number): Grid {
  return { ...shape, values: Float64Array.from(cellCentres(shape), ([x, y]) => f(x, y)) };
}

/** @throws TweedieError INVALID_VALUE */
function checkGridShape(mark: string, shape: GridShape): void {
  checkRange(`${mark}: x`, shape.x);
  checkRange(`${mark}: y`, shape.y);
  for (const axis of ['columns', 'rows'] as const) {
    if (Number.isInteger(shape[axis]) && shape[axis] >= 1) continue;
    throw refuseOption(
      'INVALID_VALUE',
      `${mark}: ${axis} is ${shape[axis]}`,
      'a whole number of at least 1',
    );
  }
}

/** @throws TweedieError INVALID_VALUE, INVALID_SHAPE when the values do not fill the cells */
export function checkGrid(mark: string, grid: Grid): void {
  checkGridShape(mark, grid);
  if (grid.values.length === grid.columns * grid.rows) return;
  throw refuseOption(
    'INVALID_SHAPE',
    `${mark} has ${grid.columns} × ${grid.rows} cells and ${grid.values.length} values`,
    'one value a cell',
  );
}
