import * as tf from '@tensorflow/tfjs-core';
import {
  attention,
  averagePool,
  conv2d,
  downsampleMean,
  groupNorm,
  logSoftmax,
  maxPool,
  resizeBilinear,
  silu,
  upsampleNearest,
} from '@tweedie/autodiff';

/** One thing that models need: a function of tensors, and what its inputs look like. */
export interface Feature {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly fn: (...x: tf.Tensor[]) => tf.Tensor;
  /** Inputs are drawn from here; away from poles. */
  readonly range?: readonly [number, number];
}

const feature = (
  name: string,
  shapes: Feature['shapes'],
  fn: Feature['fn'],
  range?: Feature['range'],
): Feature => ({ name, shapes, fn, ...(range === undefined ? {} : { range }) });

const positive = [0.5, 2] as const;
const indices = () => tf.tensor1d([2, 0, 2], 'int32');
/** What a table of backends asks of the operations that models are made of. */
export const tensorFeatures: readonly Feature[] = [
  feature(
    'arithmetic with broadcasting',
    [
      [3, 1, 4],
      [2, 1],
    ],
    (a, b) => tf.div(tf.mul(tf.add(a!, b!), tf.sub(a!, b!)), tf.add(tf.square(b!), 1)),
  ),
  feature(
    'exp, log, sqrt, pow',
    [[2, 5], [5]],
    (a, b) => tf.add(tf.pow(a!, b!), tf.mul(tf.exp(b!), tf.log(tf.sqrt(a!)))),
    positive,
  ),
  feature('sigmoid, tanh, softplus, SiLU, erf', [[2, 5]], (x) =>
    tf.addN([tf.sigmoid(x!), tf.tanh(x!), tf.softplus(x!), silu(x!), tf.erf(x!)]),
  ),
  feature('sin, cos', [[2, 5]], (x) => tf.mul(tf.sin(x!), tf.cos(x!))),
  feature('comparison and where', [[2, 5]], (x) =>
    tf.where(tf.greater(x!, 10), tf.square(x!), tf.sin(x!)),
  ),
  feature('clip, maximum, minimum', [[2, 5], [5]], (a, b) =>
    tf.add(tf.clipByValue(a!, -9, 9), tf.maximum(a!, tf.minimum(b!, tf.sub(a!, 5)))),
  ),
  feature('sum, mean, max', [[3, 4, 2]], (x) =>
    tf.add(tf.add(tf.sum(tf.square(x!), 1), tf.mean(tf.sin(x!), 1)), tf.max(x!, 1)),
  ),
  feature('softmax, log-softmax', [[3, 4]], (x) => tf.mul(tf.softmax(x!), logSoftmax(x!))),
  feature('reshape, transpose, reverse', [[2, 3, 4]], (x) =>
    tf.mul(tf.reverse(tf.transpose(tf.reshape(x!, [4, 6])), 0), 2),
  ),
  feature('slice, pad, tile', [[3, 4]], (x) =>
    tf.tile(
      tf.pad(tf.slice(tf.square(x!), [1, 0], [2, 3]), [
        [1, 0],
        [0, 2],
      ]),
      [2, 1],
    ),
  ),
  feature('split, concat, stack', [[6], [2]], (a, b) => {
    const [first, second] = tf.split(a!, [2, 4]);
    return tf.mul(tf.sum(tf.square(second!)), tf.stack([first!, tf.sin(b!)]));
  }),
  feature('gather (embeddings)', [[4, 3]], (x) => tf.square(tf.gather(x!, indices(), 0))),
  feature('cumulative sum', [[3, 4]], (x) => tf.square(tf.cumsum(x!, 1))),
  feature(
    'matrix product, batched, transposed',
    [
      [2, 3, 4],
      [2, 5, 4],
    ],
    (a, b) => tf.square(tf.matMul(a!, b!, false, true)),
  ),
  feature('convolution', [[2, 5, 6, 3], [4, 3, 3, 3], [4]], (x, w, b) =>
    conv2d(x!, w!, b!, { padding: 1 }),
  ),
  feature(
    'convolution, stride 2',
    [
      [2, 6, 6, 3],
      [4, 3, 3, 3],
    ],
    (x, w) => conv2d(x!, w!, undefined, { stride: 2, padding: [0, 1, 0, 1] }),
  ),
  feature(
    'convolution of 32 channels',
    [
      [2, 6, 6, 32],
      [32, 32, 3, 3],
    ],
    (x, w) => conv2d(x!, w!, undefined, { padding: 1 }),
  ),
  feature(
    'convolution, dilated',
    [
      [2, 6, 6, 3],
      [4, 3, 3, 3],
    ],
    (x, w) => conv2d(x!, w!, undefined, { padding: 2, dilation: 2 }),
  ),
  feature('group norm with SiLU', [[2, 4, 4, 8], [8], [8]], (x, s, o) =>
    groupNorm(x!, s!, o!, { groups: 2, activation: 'silu' }),
  ),
  feature(
    'group norm with a shift of each item',
    [[2, 4, 4, 8], [8], [8], [2, 8]],
    (x, s, o, shift) => groupNorm(x!, s!, o!, { groups: 2, shift: shift! }),
  ),
  feature(
    'instance norm with scales of each item',
    [
      [2, 4, 4, 8],
      [2, 8],
      [2, 8],
    ],
    (x, s, o) => groupNorm(x!, s!, o!, { groups: 8 }),
  ),
  feature('ELU', [[2, 5]], (x) => tf.elu(x!)),
  feature('mean and max pooling around each pixel', [[2, 4, 5, 3]], (x) =>
    tf.add(averagePool(x!, 3), maxPool(x!, 5)),
  ),
  feature('bilinear up-sampling, means of tiles', [[2, 4, 6, 2]], (x) =>
    tf.mul(resizeBilinear(downsampleMean(x!, 2), [4, 6]), x!),
  ),
  feature('nearest up-sampling', [[2, 3, 4, 2]], (x) => tf.square(upsampleNearest(x!, 2))),
  feature(
    'attention',
    [
      [2, 3, 4],
      [2, 5, 4],
      [2, 5, 4],
    ],
    (q, k, v) => attention(q!, k!, v!),
  ),
  feature('pooling with strides', [[2, 5, 6, 2]], (x) =>
    tf.add(tf.maxPool(x as tf.Tensor4D, 2, 2, 'same'), tf.avgPool(x as tf.Tensor4D, 3, 2, 'same')),
  ),
  feature(
    'depthwise convolution',
    [
      [2, 5, 4, 2],
      [3, 3, 2, 2],
    ],
    (x, w) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'),
  ),
  feature(
    'convolution and pooling in three dimensions',
    [
      [1, 4, 3, 4, 2],
      [2, 2, 2, 2, 2],
    ],
    (x, w) =>
      tf.avgPool3d(
        tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, 1, 'same') as tf.Tensor5D,
        2,
        2,
        'same',
      ),
  ),
  feature('batch norm with the moments of the batch', [[4, 3], [3], [3]], (x, offset, scale) => {
    const { mean, variance } = tf.moments(x!, 0);
    return tf.batchNorm(
      x!,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      offset as tf.Tensor1D,
      scale as tf.Tensor1D,
      0.1,
    );
  }),
  feature('resizing of tfjs', [[2, 3, 4, 2]], (x) =>
    tf.add(
      tf.image.resizeBilinear(x as tf.Tensor4D, [5, 3]),
      tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [5, 3], false, true),
    ),
  ),
  feature('LSTM cell', [[2, 3], [7, 16], [16], [2, 4], [2, 4]], (x, kernel, bias, cell, hidden) =>
    tf.concat(
      tf.basicLSTMCell(
        tf.scalar(1),
        kernel as tf.Tensor2D,
        bias as tf.Tensor1D,
        x as tf.Tensor2D,
        cell as tf.Tensor2D,
        hidden as tf.Tensor2D,
      ),
    ),
  ),
  feature('gatherND, scatterND, top k', [[4, 3]], (x) => {
    const places = tf.tensor2d([[0], [2], [0]], [3, 1], 'int32');
    return tf.mul(
      tf.scatterND(places, tf.gatherND(x!, places), [3, 3]),
      tf.slice(tf.topk(x!, 1).values, [0, 0], [3, 1]),
    );
  }),
  feature('strided slice, mirrorPad, cumulative product', [[5, 4]], (x) =>
    tf.cumprod(
      tf.mirrorPad(
        tf.stridedSlice(x!, [0, 3], [5, 0], [2, -1]),
        [
          [1, 0],
          [0, 2],
        ],
        'reflect',
      ),
      1,
    ),
  ),
];
