import {
  type Dataset,
  hostArray,
  type RngState,
  restoreRng,
  sizeOf,
  TweedieError,
} from '@tweedie/core';
import { checkBatchRequest } from './batch-request.js';

/** A finite number of items, any of which can be written into a batch. */
export interface FiniteSource {
  readonly itemShape: readonly number[];
  readonly size: number;
  /** Number of classes, 0 when there are no labels. */
  readonly classes: number;
  /** Writes item `index` to `out` from position `at` on. */
  write(index: number, out: Float32Array, at: number): void;
  /** Class of item `index`; only with `classes` above 0. */
  label?(index: number): number;
}

/** A data set without its name and config, which `defineFactory` adds. */
export type DatasetBody = Omit<Dataset, 'name' | 'config'>;

/**
 * A data set of finitely many items. It is walked epoch after epoch, each in another order drawn from
 * the generator's key; the batch of step s holds the items at places s·batchSize …
 * (s + 1)·batchSize − 1 of that sequence, so each item comes exactly once an epoch and a batch may
 * reach from one epoch into the next.
 *
 * @throws TweedieError INVALID_VALUE when there are no items or more than 2³¹ − 1; INVALID_SHAPE when
 * they are empty
 */
export function finiteDataset(source: FiniteSource): DatasetBody {
  const { itemShape, size, classes } = source;
  if (!(size >= 1 && size < 2 ** 31)) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'data',
      given: size < 1 ? 'there are no items' : `there are ${size} items`,
      allowed: 'at least one item, at most 2147483647',
    });
  }
  checkItemShape(itemShape);
  const itemSize = sizeOf(itemShape);
  const itemAt = epochOrder(size);
  const { label } = source;
  return {
    itemShape,
    size,
    classes,
    batch(rng, step, batchSize) {
      checkBatchRequest(step, batchSize);
      const data = new Float32Array(batchSize * itemSize);
      const labels = new Int32Array(label === undefined ? 0 : batchSize);
      const { key } = rng.state();
      for (let i = 0; i < batchSize; i++) {
        const index = itemAt(key, step * batchSize + i);
        source.write(index, data, i * itemSize);
        if (label !== undefined) labels[i] = label(index);
      }
      const x = hostArray(data, [batchSize, ...itemShape]);
      return label === undefined ? { x } : { x, label: hostArray(labels, [batchSize]) };
    },
  };
}

/**
 * Refuses empty items, of which a file of a few bytes may claim any number.
 *
 * @throws TweedieError INVALID_SHAPE
 */
export function checkItemShape(itemShape: readonly number[]): void {
  if (sizeOf(itemShape) >= 1) return;
  throw new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'data',
    given: `an item has the shape [${itemShape.join(', ')}], which holds no number`,
    allowed: 'items of at least one number',
  });
}

type Key = RngState['key'];

/** The item at a place of the endless sequence of epochs; keeps the order of the latest epoch. */
function epochOrder(size: number): (key: Key, place: number) => number {
  let held: { readonly key: Key; readonly epoch: number; readonly order: Int32Array } | undefined;
  return (key, place) => {
    const epoch = Math.floor(place / size);
    if (held?.epoch !== epoch || held.key[0] !== key[0] || held.key[1] !== key[1]) {
      // A fresh stream of the key: neither earlier draws nor `fromItem` change the order.
      const stream = restoreRng({ key, draws: 0, firstItem: 0 }).fork('epoch').fork(epoch);
      held = { key, epoch, order: stream.permutation(size) };
    }
    return held.order[place % size]!;
  };
}
