import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng } from '@tweedie/core';
import { describeGradients, type GradientCase } from '../finite-differences.testing.js';
import { toTensor } from '../host/transfer.js';
import { dilationGradients } from './dilation.js';

/** Far apart, so that the greatest stays the greatest within a step of the differences. */
const steep = (x: tf.Tensor, spread = 20) =>
  tf.add(x, tf.round(toTensor(createRng(3).uniform(x.shape, 0, spread))));

const of = (
  x: number[],
  filter: number[],
  stride: number,
  pad: 'same' | 'valid',
  dilation: number,
): GradientCase => ({
  fn: (image, w) =>
    tf.square(
      tf.dilation2d(
        steep(image!, 60) as tf.Tensor4D,
        steep(w!) as tf.Tensor3D,
        stride,
        pad,
        dilation,
      ),
    ),
  shapes: [x, filter],
});

describeGradients('the gradient of morphological dilation', dilationGradients, {
  'stride 1': of([1, 3, 4, 2], [2, 2, 2], 1, 'valid', 1),
  'stride 2, same': of([1, 4, 3, 2], [2, 3, 2], 2, 'same', 1),
  dilated: of([1, 5, 5, 1], [2, 2, 1], 1, 'same', 2),
});
