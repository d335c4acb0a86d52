export type { DisposableDenoiser } from './disposable-denoiser.js';
export { empiricalDenoiser } from './exact/empirical-denoiser.js';
export { exactDenoiser, exactLogDensity, exactScore } from './exact/exact-denoiser.js';
export { createDenoiser, type DenoiserOptions } from './model/create-denoiser.js';
export { denoiseWith } from './model/denoise-with.js';
export type { Label } from './model/labels.js';
export {
  type CalibrationState,
  type QuantizedDenoiserOptions,
  quantizedDenoiser,
} from './model/quantized-denoiser.js';
export { denoiserFromScore, type Score } from './score/denoiser-from-score.js';
