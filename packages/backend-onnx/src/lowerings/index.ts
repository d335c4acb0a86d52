import type { Lowering } from '../trace/lowering.js';
import { attentionLowerings } from './attention.js';
import { convolutionLowerings } from './convolution.js';
import { creationLowerings } from './creation.js';
import { elementwiseLowerings } from './elementwise.js';
import { groupNormLowerings } from './group-norm.js';
import { indexingLowerings } from './indexing.js';
import { matMulLowerings } from './matmul.js';
import { maxPoolLowerings } from './max-pool.js';
import { partLowerings } from './parts.js';
import { poolingLowerings } from './pooling.js';
import { reductionLowerings } from './reduction.js';
import { resampleLowerings } from './resample.js';
import { resamplingLowerings } from './resampling.js';
import { shapeLowerings } from './shape.js';
import { tfjsConvolutionLowerings } from './tfjs-convolution.js';

/** Every kernel of tfjs that can be compiled. */
export const lowerings: readonly Lowering[] = [
  ...elementwiseLowerings,
  ...reductionLowerings,
  ...shapeLowerings,
  ...partLowerings,
  ...creationLowerings,
  ...indexingLowerings,
  ...matMulLowerings,
  ...convolutionLowerings,
  ...tfjsConvolutionLowerings,
  ...groupNormLowerings,
  ...resamplingLowerings,
  ...resampleLowerings,
  ...poolingLowerings,
  ...maxPoolLowerings,
  ...attentionLowerings,
];
