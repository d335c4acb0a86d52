import {
  type GradConfig,
  getGradient,
  registerGradient,
  unregisterGradient,
} from '@tensorflow/tfjs-core';
import { attentionGradients } from '../operations/attention.js';
import { averagePoolGradients } from '../operations/average-pool.js';
import { conv2dGradients } from '../operations/conv2d.js';
import { groupNormGradients } from '../operations/group-norm.js';
import { maxPoolGradients } from '../operations/max-pool.js';
import { resizeBilinearGradients } from '../operations/resize-bilinear.js';
import { upsampleNearestGradients } from '../operations/upsample-nearest.js';
import { convolutionGradients } from './convolution.js';
import { dilationGradients } from './dilation.js';
import { einsumGradients } from './einsum.js';
import { elementwiseGradients } from './elementwise.js';
import { matMulGradients } from './matmul.js';
import { normalizationGradients } from './normalization.js';
import { otherConvolutionGradients } from './other-convolutions.js';
import { poolingGradients } from './pooling.js';
import { rearrangingGradients } from './rearranging.js';
import { reductionGradients } from './reduction.js';
import { resizeGradients } from './resize.js';
import { scatteringGradients } from './scattering.js';
import { shapeGradients } from './shape.js';

const gradients: readonly GradConfig[] = [
  ...elementwiseGradients,
  ...reductionGradients,
  ...shapeGradients,
  ...rearrangingGradients,
  ...scatteringGradients,
  ...matMulGradients,
  ...einsumGradients,
  ...convolutionGradients,
  ...otherConvolutionGradients,
  ...dilationGradients,
  ...normalizationGradients,
  ...resizeGradients,
  ...poolingGradients,
  ...conv2dGradients,
  ...groupNormGradients,
  ...upsampleNearestGradients,
  ...averagePoolGradients,
  ...maxPoolGradients,
  ...resizeBilinearGradients,
  ...attentionGradients,
];

/**
 * Puts this package's gradients in tfjs's table, in place of tfjs's own. Importing the package does
 * it; to be called again by who imports '@tensorflow/tfjs' later and differentiates with `tf.grad`.
 */
export function registerGradients(): void {
  for (const config of gradients) {
    if (getGradient(config.kernelName) !== undefined) unregisterGradient(config.kernelName);
    registerGradient(config);
  }
}

/** Registers again when '@tensorflow/tfjs', imported after this package, has put its own in place. */
export function keepGradients(): void {
  const [first] = elementwiseGradients;
  if (getGradient(first!.kernelName) !== first) registerGradients();
}
