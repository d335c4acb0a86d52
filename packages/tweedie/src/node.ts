import { nodeDatasets } from '@tweedie/data/node';
import { createTweedieRegistry, type TweedieCatalog, type TweedieRegistry } from './registry.js';

/** The registry of `createTweedieRegistry` with the data sets that are read from files. */
export function createNodeRegistry(more: Partial<TweedieCatalog> = {}): TweedieRegistry {
  return createTweedieRegistry({ ...more, data: [...nodeDatasets, ...(more.data ?? [])] });
}
