import { createRegistry } from '@tweedie/core';
import { datasets } from '@tweedie/data';
import { noiseData } from './noise-data.mjs';

const registry = createRegistry({ datasets });

/** The data that a workload names; Gaussian noise where it names none. */
export function createData({ data }, { network }) {
  return data === undefined
    ? noiseData(network)
    : registry.create('datasets', data.name, data.options);
}
