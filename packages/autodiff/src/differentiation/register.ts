import {
  type GradConfig,
  getGradient,
  registerGradient,
  unregisterGradient,
} from '@tensorflow/tfjs-core';
import { convolutionGradients } from '../gradients/convolution.js';
import { dilationGradients } from '../gradients/dilation.js';
import { einsumGradients } from '../gradients/einsum.js';
import { elementwiseGradients } from '../gradients/elementwise.js';
import { matMulGradients } from '../gradients/matmul.js';
import { normalizationGradients } from '../gradients/normalization.js';
import { otherConvolutionGradients } from '../gradients/other-convolutions.js';
import { poolingGradients } from '../gradients/pooling.js';
import { rearrangingGradients } from '../gradients/rearranging.js';
import { reductionGradients } from '../gradients/reduction.js';
import { resizeGradients } from '../gradients/resize.js';
import { scatteringGradients } from '../gradients/scattering.js';
import { shapeGradients } from '../gradients/shape.js';
import { attentionGradients } from '../operations/attention.js';
import { averagePoolGradients } from '../operations/average-pool.js';
import { conv2dGradients } from '../operations/conv2d.js';
import { groupNormGradients } from '../operations/group-norm.js';
import { maxPoolGradients } from '../operations/max-pool.js';
import { resizeBilinearGradients } from '../operations/resize-bilinear.js';
import { upsampleNearestGradients } from '../operations/upsample-nearest.js';

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
