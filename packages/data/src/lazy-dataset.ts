import type { DatasetBody } from './finite-dataset.js';

/** A data set that is loaded when its shape, size, classes or a batch is first read, and then kept. */
export function lazyDataset(load: () => DatasetBody): DatasetBody {
  let loaded: DatasetBody | undefined;
  const dataset = (): DatasetBody => {
    loaded ??= load();
    return loaded;
  };
  return {
    get itemShape() {
      return dataset().itemShape;
    },
    get size() {
      return dataset().size;
    },
    get classes() {
      return dataset().classes;
    },
    batch: (rng, step, batchSize) => dataset().batch(rng, step, batchSize),
  };
}
