import type { DatasetBody } from './finite-dataset.js';

/** A dataset that is loaded when something of it is first asked for, and then kept. */
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
