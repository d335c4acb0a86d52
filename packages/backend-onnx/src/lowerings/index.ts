import { attentionLowerings } from './attention.js';
import { concatLowerings } from './concat.js';
import { convolutionLowerings } from './convolution.js';
import { creationLowerings } from './creation.js';
import { elementwiseLowerings } from './elementwise.js';
import { groupNormLowerings } from './group-norm.js';
import { imageLowerings } from './image.js';
import { indexingLowerings } from './indexing.js';
import type { Lowering } from './lowering.js';
import { matMulLowerings } from './matmul.js';
import { maxPoolLowerings } from './max-pool.js';
import { normalizationLowerings } from './normalization.js';
import { otherConvolutionLowerings } from './other-convolutions.js';
import { padLowerings } from './pad.js';
import { poolingLowerings } from './pooling.js';
import { reductionLowerings } from './reduction.js';
import { resampleLowerings } from './resample.js';
import { resizingLowerings } from './resizing.js';
import { scatteringLowerings } from './scattering.js';
import { searchingLowerings } from './searching.js';
import { shapeLowerings } from './shape.js';
import { sliceLowerings } from './slice.js';
import { tfjsConvolutionLowerings } from './tfjs-convolution.js';
import { upsamplingLowerings } from './upsampling.js';

/** Every kernel of tfjs that can be compiled. */
export const lowerings: readonly Lowering[] = [
  ...elementwiseLowerings,
  ...reductionLowerings,
  ...shapeLowerings,
  ...sliceLowerings,
  ...concatLowerings,
  ...padLowerings,
  ...creationLowerings,
  ...indexingLowerings,
  ...scatteringLowerings,
  ...searchingLowerings,
  ...matMulLowerings,
  ...convolutionLowerings,
  ...tfjsConvolutionLowerings,
  ...otherConvolutionLowerings,
  ...groupNormLowerings,
  ...normalizationLowerings,
  ...resizingLowerings,
  ...imageLowerings,
  ...upsamplingLowerings,
  ...resampleLowerings,
  ...poolingLowerings,
  ...maxPoolLowerings,
  ...attentionLowerings,
];
