import { env } from '@tensorflow/tfjs-core';
import { registerGradients } from './differentiation/register.js';

// In Node, tfjs's cpu backend advertises native bindings on stderr at the first tensor. The flag only
// turns warnings of tfjs off.
if (env().getBool('IS_NODE')) env().set('PROD', true);

registerGradients();

export { type JacobianProduct, jvp, vjp } from './differentiation/jacobian-products.js';
export { registerGradients } from './differentiation/register.js';
export { valueAndGrad } from './differentiation/value-and-grad.js';
export { type ResizeAttributes, resizeMaps } from './gradients/resize.js';
export { type PoolAttributes, poolWindows, type Windows, windowsOf } from './gradients/windows.js';
export { expectNoLeak, type Leaks, measureLeaks } from './host/leaks.js';
export { disposeTree, toHost, toTensor, toTensors } from './host/transfer.js';
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
export { createParameterLayout, type ParameterLayout } from './parameters/parameter-layout.js';
