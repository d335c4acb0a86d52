import { type Dataset, type HostArray, sizeOf, TweedieError } from '@tweedie/core';
import { checkClassLabels } from './class-labels.js';
import { checkItemShape, finiteDataset } from './finite-dataset.js';

export interface PointsOptions {
  /** Class of each item: whole numbers of at least 0. */
  readonly labels?: ArrayLike<number> | undefined;
  /** Number of classes; by default the largest label plus one. */
  readonly classes?: number | undefined;
  /** What the dataset is called; default 'points'. */
  readonly name?: string;
}

/**
 * A dataset of a user's own items, copied. Its config says how many there are and not which: a run
 * that must be rebuilt from its config reads its items from a file (`csv`, `npy` of the Node entry).
 *
 * @param items rows of equal length, or an array [N, ...itemShape]
 * @throws TweedieError INVALID_SHAPE for rows of different lengths or labels that do not fit;
 * NOT_FINITE when a row holds NaN or an infinity; INVALID_VALUE for bad labels or no items
 */
export function points(
  items: HostArray | readonly (readonly number[])[],
  { labels, classes, name = 'points' }: PointsOptions = {},
): Dataset {
  const { values, shape } = 'data' in items ? fromArray(items) : fromRows(items);
  const [count = 0, ...itemShape] = shape;
  if (count > 0) checkItemShape(itemShape);
  const itemSize = sizeOf(itemShape);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) {
    throw new TweedieError({
      code: 'NOT_FINITE',
      package: 'data',
      given: `${name}: row ${Math.floor(bad / itemSize)}, column ${bad % itemSize} is ${values[bad]} (both count from 0)`,
      allowed: 'finite float32 numbers',
      fix: 'remove or repair the row',
    });
  }
  const classCount = labels === undefined ? 0 : checkClassLabels(name, labels, count, classes);
  const classOf = labels === undefined ? undefined : Int32Array.from(labels);
  const body = finiteDataset({
    itemShape,
    size: count,
    classes: classCount,
    write(index, out, at) {
      out.set(values.subarray(index * itemSize, (index + 1) * itemSize), at);
    },
    ...(classOf === undefined ? {} : { label: (index) => classOf[index]! }),
  });
  return { ...body, name, config: { items: count, itemShape, classes: classCount } };
}

interface Items {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

function fromArray({ data, shape }: HostArray): Items {
  if (shape.length < 2) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'data',
      given: `the items have the shape [${shape.join(', ')}]`,
      allowed: '[N, ...shape of one item], at least two axes',
    });
  }
  return { values: new Float32Array(data), shape };
}

function fromRows(rows: readonly (readonly number[])[]): Items {
  const width = rows[0]?.length ?? 0;
  const odd = rows.findIndex((row) => row.length !== width || width === 0);
  if (odd !== -1) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'data',
      given: `row ${odd} has ${rows[odd]!.length} numbers and row 0 has ${width}`,
      allowed: 'rows of one length of at least 1',
    });
  }
  return { values: Float32Array.from(rows.flat()), shape: [rows.length, width] };
}
