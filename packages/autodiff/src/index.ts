import { registerGradients } from './gradients/register.js';

registerGradients();

export { registerGradients } from './gradients/register.js';
export { disposeTree, toHost, toTensor, toTensors } from './host.js';
export { countLeaks, expectNoLeak } from './leaks.js';
export { logSoftmax, silu } from './operations/activation.js';
export { attention } from './operations/attention.js';
export {
  type Conv2dOptions,
  type ConvGeometry,
  conv2d,
  convOutputSize,
} from './operations/conv2d.js';
export { type GroupNormAttributes, groupNorm } from './operations/group-norm.js';
export { upsampleNearest } from './operations/upsample-nearest.js';
export { createParameterLayout, type ParameterLayout } from './parameter-layout.js';
export { jvp, valueAndGrad, vjp } from './value-and-grad.js';
