import { attentionGradients } from '../operations/attention.js';
import { replaceGradient } from '../operations/composite.js';
import { conv2dGradients } from '../operations/conv2d.js';
import { groupNormGradients } from '../operations/group-norm.js';
import { upsampleNearestGradients } from '../operations/upsample-nearest.js';
import { elementwiseGradients } from './elementwise.js';
import { matMulGradients } from './matmul.js';
import { reductionGradients } from './reduction.js';
import { shapeGradients } from './shape.js';

/** Every gradient of this package; tests hold each to finite differences of first and second order. */
export const gradients = [
  ...elementwiseGradients,
  ...reductionGradients,
  ...shapeGradients,
  ...matMulGradients,
  ...conv2dGradients,
  ...groupNormGradients,
  ...upsampleNearestGradients,
  ...attentionGradients,
];

/** Puts this package's gradients in tfjs's table, in place of tfjs's own where those are there. */
export function registerGradients(): void {
  for (const config of gradients) replaceGradient(config);
}
