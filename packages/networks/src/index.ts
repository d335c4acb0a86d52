import * as factories from './networks.js';

export type { Initializer, Layer, Masks, ParameterShapes, Scope } from './kit/declaration.js';
export { type DeclaredNetwork, declaredNetwork } from './kit/declared-network.js';
export { constant, fanInUniform, normal } from './kit/initializers.js';
export { type Activation, activate, activationNames } from './layers/activation.js';
export { classEmbedding } from './layers/class-embedding.js';
export { type ConvolutionSpec, convolution } from './layers/convolution.js';
export {
  type GroupNormalizationExtras,
  type GroupNormalizationSpec,
  groupNormalization,
} from './layers/group-normalization.js';
export { linear } from './layers/linear.js';
export { gaussianFourier, type SinusoidalSpec, sinusoidal } from './layers/time-features.js';
export * from './networks.js';

/** All networks, for registries. */
export const networks = Object.values(factories);
