export { numberArithmetic } from './arithmetic.js';
export { checkedTime } from './checked-time.js';
export { scoreCoefficients, targetCoefficients } from './coefficients.js';
export * from './contracts/index.js';
export { defineParameterization } from './define-parameterization.js';
export {
  type ErrorCode,
  type ErrorDetails,
  nearestName,
  TweedieError,
  throwIfAborted,
} from './errors.js';
export {
  halfLogSnr,
  levelAt,
  levelAtHalfLogSnr,
  type Posterior,
  posterior,
  sdeCoefficients,
  snr,
  type Transition,
  timeAtHalfLogSnr,
  timeRange,
  transition,
} from './gaussian.js';
export {
  createGaussianMixture,
  type GaussianComponent,
  type GaussianMixture,
} from './gaussian-mixture.js';
export {
  type FloatArray,
  floats,
  type HostArray,
  hostArray,
  type IntArray,
  ints,
  sizeOf,
} from './host-array.js';
export { type Json, type JsonObject, parseJson, recordOf } from './json.js';
export { checkLabels, type LabelCheck, mostClasses } from './labels.js';
export {
  checkMemory,
  describeMemory,
  formatBytes,
  type MemoryPart,
  totalBytes,
} from './memory.js';
export * from './options/index.js';
export * from './parameterizations/index.js';
export { philox4x32 } from './philox.js';
export { type Catalog, createRegistry, defineFactory, type Registry } from './registry.js';
export { createRng, type Rng, type RngState, restoreRng } from './rng.js';
export { flattenTree, type TensorTree, type TreeStructure } from './tree.js';
