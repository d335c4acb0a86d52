import { registerGradients } from './gradients/register.js';

registerGradients();

export { registerGradients } from './gradients/register.js';
export { type ResizeAttributes, resizeMaps } from './gradients/resize.js';
export { type PoolAttributes, poolWindows, type Windows, windowsOf } from './gradients/windows.js';
export { disposeTree, toHost, toTensor, toTensors } from './host.js';
export { type JacobianProduct, jvp, vjp } from './jacobian-products.js';
export { expectNoLeak, type Leaks, measureLeaks } from './leaks.js';
export { logSoftmax, silu } from './operations/activation.js';
export { attention } from './operations/attention.js';
export { averagePool } from './operations/average-pool.js';
export {
  type ConvGeometry,
  convOutputSize,
} from './operations/conv-geometry.js';
export { type Conv2dOptions, conv2d } from './operations/conv2d.js';
export {
  type GroupNormAttributes,
  type GroupNormOptions,
  groupNorm,
} from './operations/group-norm.js';
export { maxPool } from './operations/max-pool.js';
export { resizeBilinear } from './operations/resize-bilinear.js';
export { downsampleMean, upsampleNearest } from './operations/upsample-nearest.js';
export { createParameterLayout, type ParameterLayout } from './parameter-layout.js';
export { valueAndGrad } from './value-and-grad.js';
