import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describeGradients, type GradientCase } from '../finite-differences.testing.js';
import { otherConvolutionGradients } from './other-convolutions.js';

type Four = tf.Tensor4D;
type Five = tf.Tensor5D;

/** Cubed in part, so that second derivatives see both inputs. */
const depthwise = (
  x: number[],
  filter: number[],
  stride: number,
  pad: 'same' | 'valid' | number,
  dilation = 1,
): GradientCase => ({
  fn: (image, w) =>
    tf.square(tf.depthwiseConv2d(image as Four, w as Four, stride, pad, 'NHWC', dilation)),
  shapes: [x, filter],
});
const volume = (
  x: number[],
  filter: number[],
  stride: number,
  pad: 'same' | 'valid',
  dilation = 1,
): GradientCase => ({
  fn: (image, w) => tf.square(tf.conv3d(image as Five, w as Five, stride, pad, 'NDHWC', dilation)),
  shapes: [x, filter],
});

describeGradients('gradients of depthwise and 3-D convolutions', otherConvolutionGradients, {
  depthwise: depthwise([2, 4, 3, 2], [3, 2, 2, 1], 1, 'same'),
  'depthwise, two filters a channel': depthwise([1, 4, 4, 2], [2, 2, 2, 2], 1, 'valid'),
  'depthwise, stride 2': depthwise([1, 5, 4, 2], [3, 3, 2, 1], 2, 'same'),
  'depthwise, padding 1': depthwise([1, 3, 3, 2], [3, 3, 2, 1], 1, 1),
  'depthwise, dilated': depthwise([1, 6, 5, 2], [2, 3, 2, 2], 1, 'same', 2),
  conv3d: volume([1, 3, 4, 3, 2], [2, 3, 2, 2, 2], 1, 'same'),
  'conv3d, stride 2': volume([1, 4, 3, 5, 1], [2, 2, 3, 1, 2], 2, 'same'),
  'conv3d, dilated': volume([1, 4, 5, 4, 1], [2, 2, 2, 1, 2], 1, 'valid', 2),
  conv3dTranspose: {
    fn: (x, w) => tf.square(tf.conv3dTranspose(x as Five, w as Five, [1, 4, 4, 2, 2], 2, 'same')),
    shapes: [
      [1, 2, 2, 1, 2],
      [2, 3, 2, 2, 2],
    ],
  },
});
