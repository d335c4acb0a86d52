export { energyDistance } from './energy-distance.js';
export {
  type DensityBand,
  type ErrorByDensity,
  type ErrorByDensityOptions,
  errorByDensity,
} from './error-by-density.js';
export { type Estimate, meanEstimate, weightedMeanEstimate } from './estimate.js';
export {
  fisherDivergence,
  fisherDivergenceOnGrid,
  type GridFisherDivergence,
  squaredScoreErrors,
} from './fisher-divergence.js';
export {
  type MaximumMeanDiscrepancy,
  type MaximumMeanDiscrepancyOptions,
  maximumMeanDiscrepancy,
} from './maximum-mean-discrepancy.js';
export {
  type ModeCoverage,
  type ModeCoverageOptions,
  type ModeWeights,
  modeCoverage,
  modeWeights,
} from './mode-weights.js';
export { type DensityAndCoverage, densityAndCoverage } from './nearest-neighbours.js';
export { type RegularGrid, regularGrid } from './regular-grid.js';
export {
  type SlicedWasserstein,
  type SlicedWassersteinOptions,
  slicedWasserstein,
} from './sliced-wasserstein.js';
