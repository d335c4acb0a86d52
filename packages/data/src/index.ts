import * as factories from './datasets.js';

export { checkBatchRequest } from './batch-request.js';
export { type CsvTable, parseCsv } from './csv.js';
export * from './datasets.js';
export { type DatasetBody, type FiniteSource, finiteDataset } from './finite-dataset.js';
export { type IdxArray, type IdxData, parseIdx } from './idx.js';
export { type IdxDatasetOptions, idxDataset } from './idx-dataset.js';
export { type DataLimits, dataLimits } from './limits.js';
export type { MixtureDataset } from './mixture-dataset.js';
export { parseNpy } from './npy.js';
export { type PictureOptions, type Pixels, pictureDataset } from './picture.js';
export { type PlaneDistribution, planeDataset } from './plane-dataset.js';
export { type PointsOptions, points } from './points.js';

/** All data sets that need no files, for registries. */
export const datasets = Object.values(factories);
