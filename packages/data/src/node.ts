import * as factories from './files/datasets.js';

export * from './files/datasets.js';
export { parsePng } from './files/png/png.js';

/** All data sets that are read from files, for registries. */
export const nodeDatasets = Object.values(factories);
