import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describeGradients } from '../finite-differences.testing.js';
import { normalizationGradients } from './normalization.js';

const range = [0.5, 2] as const;
const statistics = [[3], [3], [3], [3]];

describeGradients('gradients of normalizations', normalizationGradients, {
  batchNorm: {
    fn: (x, mean, variance, offset, scale) =>
      tf.square(
        tf.batchNorm(
          x!,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          offset as tf.Tensor1D,
          scale as tf.Tensor1D,
          0.1,
        ),
      ),
    shapes: [[2, 2, 2, 3], ...statistics],
    range,
  },
  'batchNorm of rank 2': {
    fn: (x, mean, variance, offset, scale) =>
      tf.square(
        tf.batchNorm(
          x!,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          offset as tf.Tensor1D,
          scale as tf.Tensor1D,
        ),
      ),
    shapes: [[4, 3], ...statistics],
    range,
  },
  'with the moments of the batch': {
    fn: (x, offset, scale) => {
      const { mean, variance } = tf.moments(x!, 0);
      return tf.square(
        tf.batchNorm(
          x!,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          offset as tf.Tensor1D,
          scale as tf.Tensor1D,
          0.1,
        ),
      );
    },
    shapes: [[4, 3], [3], [3]],
  },
  localResponseNormalization: {
    fn: (x) => tf.square(tf.localResponseNormalization(x as tf.Tensor4D, 1, 1.5, 0.3, 0.75)),
    shapes: [[1, 2, 2, 5]],
  },
});
