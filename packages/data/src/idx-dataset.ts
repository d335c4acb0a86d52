import { type Dataset, sizeOf, TweedieError } from '@tweedie/core';
import { checkClassLabels } from './class-labels.js';
import { checkItemShape, finiteDataset } from './finite-dataset.js';
import type { IdxArray } from './idx.js';

export interface IdxDatasetOptions {
  /** Keep only items with these labels. */
  readonly only?: readonly number[] | null;
  /** Keep the first `limit` of them. */
  readonly limit?: number | null;
  /** Number of classes; by default the largest label plus one. */
  readonly classes?: number | undefined;
  /** What the dataset is called; default 'idx'. */
  readonly name?: string;
}

/**
 * A dataset of an IDX file of items and one of labels. Unsigned bytes are scaled from 0 … 255 to
 * −1 … 1; other numbers stay as they are. Images [N, H, W] get a channel: their items are
 * [H, W, 1]; [N, H, W, C] and [N, D] stay as they are. Labels stay as they are also where only
 * some are kept.
 *
 * @param images [N, …], from `parseIdx`
 * @param labels [N] whole numbers of at least 0, or undefined
 * @throws TweedieError INVALID_SHAPE when images and labels do not fit together or images are empty; NOT_FINITE when an
 * image holds NaN or an infinity; INVALID_VALUE for labels that are no class numbers, or when
 * nothing is left
 */
export function idxDataset(
  images: IdxArray,
  labels?: IdxArray,
  { only = null, limit = null, classes, name = 'idx' }: IdxDatasetOptions = {},
): Dataset {
  const [count = 0, ...extents] = images.shape;
  if (extents.length === 0) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'data',
      given: `${name}: the items have the shape [${images.shape.join(', ')}]`,
      allowed: 'at least two axes, of which the first counts items',
    });
  }
  if (count > 0) checkItemShape(extents);
  if (labels !== undefined && labels.shape.length !== 1) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'data',
      given: `${name}: the labels have the shape [${labels.shape.join(', ')}]`,
      allowed: 'one axis',
    });
  }
  const classCount = labels === undefined ? 0 : checkClassLabels(name, labels.data, count, classes);
  const kept = keepItems(count, labels, only, limit);
  const itemShape = extents.length === 2 ? [...extents, 1] : extents;
  const itemSize = sizeOf(itemShape);
  const { data } = images;
  checkFinite(images, itemSize, name);
  const body = finiteDataset({
    itemShape,
    size: kept.length,
    classes: classCount,
    write(index, out, at) {
      const start = kept[index]! * itemSize;
      const scaled = data instanceof Uint8Array;
      for (let i = 0; i < itemSize; i++) {
        const value = data[start + i]!;
        out[at + i] = scaled ? value / 127.5 - 1 : value;
      }
    },
    ...(labels === undefined ? {} : { label: (index) => labels.data[kept[index]!]! }),
  });
  return { ...body, name, config: { items: kept.length, itemShape, classes: classCount } };
}

function keepItems(
  count: number,
  labels: IdxArray | undefined,
  only: readonly number[] | null,
  limit: number | null,
): Int32Array {
  if (only !== null && labels === undefined) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'data',
      given: 'a choice of labels was made, but there are no labels',
      fix: 'pass the labels as well',
    });
  }
  const wanted = only === null ? undefined : new Set(only);
  const most = limit ?? count;
  const kept: number[] = [];
  for (let item = 0; item < count && kept.length < most; item++) {
    if (wanted === undefined || wanted.has(labels!.data[item]!)) kept.push(item);
  }
  if (kept.length === 0) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'data',
      given: `of ${count} items none is left`,
      allowed: 'at least one item',
      fix: 'choose labels that are there, and a limit of at least 1',
    });
  }
  return Int32Array.from(kept);
}

function checkFinite({ data }: IdxArray, itemSize: number, name: string): void {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
  const bad = data.findIndex((value) => !Number.isFinite(Math.fround(value)));
  if (bad === -1) return;
  throw new TweedieError({
    code: 'NOT_FINITE',
    package: 'data',
    given: `item ${Math.floor(bad / itemSize)} of ${name} holds ${data[bad]}`,
    allowed: 'finite float32 numbers',
  });
}
