/**
 * Where this project means to differ from tfjs-core's own specs, with the reason of each.
 * `tfjs-suite.test.ts` holds both lists: what is not in them must agree, and what is must differ.
 */

export interface Reasoned {
  readonly reason: string;
  /** Full names of specs. */
  readonly specs: readonly string[];
}

/** Specs that fail with the gradients of `@tweedie/autodiff`. */
export const gradientDifferences: readonly Reasoned[] = [
  {
    reason:
      'A choice. Elements that share a maximum share its gradient in equal parts, which add up to what flows in; tfjs gives each of them the whole. The parts are what amax of PyTorch and JAX give, and a subgradient.',
    specs: ['max', 'min'].flatMap((name) => [
      `${name} ${name} gradient: 1D, ties`,
      `${name} ${name} gradient: ties, 2D, axes=-1, keepDims=false`,
      `${name} ${name} gradient: ties, 3D, axes=[1, 2], keepDims=false`,
      `${name} ${name} gradient: ties, 4D, axes=[1, 2, 3], keepDims=false`,
      `${name} ${name} gradient: ties, 4D, axes=[2, 3], keepDims=true`,
    ]),
  },
  {
    reason:
      'A fault of tfjs. A mean at the border is over the pixels that are there, and tfjs divides its gradient by the whole window. Ours agrees with finite differences.',
    specs: ['avgPool gradient x=[3,3,1] f=[3,3] s=1 p=explicit'],
  },
  {
    reason:
      'A fault of tfjs. Its gradient of mirrorPad cuts the frame off; what was mirrored into the frame has a share too. Ours agrees with finite differences.',
    specs: ['mirrorPad grad', 'mirrorPad gradient with clones'],
  },
  {
    reason:
      'A choice. Logical operations are piecewise constant, so that their gradient is 0; tfjs has none and throws.',
    specs: ['gradients errors if relevant ops are missing grads'],
  },
  {
    reason:
      'A choice. Dilated depthwise convolutions have a gradient here; tfjs refuses to differentiate them.',
    specs: ['depthwiseConv2d gradients throws error on dilations > 1'],
  },
];

export interface ReasonedKernels extends Reasoned {
  readonly kernels: readonly string[];
}

/**
 * Calls of kernels that are something else when they are compiled, by the first spec that makes them.
 * Kernels that are refused as such stand in `refusedKernels` of `@tweedie/backend-onnx`.
 */
export const compiledDifferences: readonly ReasonedKernels[] = [
  {
    reason:
      "ONNX Runtime's extremes leave NaN out, where tfjs's cpu backend gives it. Looking for it would cost another pass over x in each softmax.",
    kernels: ['Max', 'Min'],
    specs: [
      'max return NaNs',
      'min return NaNs',
      'logSoftmax Propagates NaNs',
      'logSumExp propagates NaNs',
    ],
  },
  {
    reason:
      "Which place has the extreme of numbers with a NaN among them is another with ONNX Runtime; tfjs's own backends differ too.",
    kernels: ['ArgMax', 'ArgMin', 'MaxPoolWithArgmax'],
    specs: [
      'argmax ignores NaNs',
      'argmin ignores NaNs',
      'maxPoolWithArgmax [x=[1,3,3,1] f=[2,2] s=1 ignores NaNs',
    ],
  },
  {
    reason: "The sign of NaN is NaN, as in ONNX and NumPy; tfjs's cpu backend gives 0.",
    kernels: ['Sign'],
    specs: ['sign basic', 'sign does not propagate NaNs'],
  },
  {
    reason:
      'Windows that lie in the padding alone: their maximum is -Infinity and their mean NaN. tfjs takes a window of one pixel for no pooling, though the padding moves it, and 0 for a mean in three dimensions.',
    kernels: ['AvgPool', 'AvgPool3D', 'MaxPool'],
    specs: [
      'avgPool x=[2,2,3] f=[1,1] s=2 p=1 dimRoundingMode=floor',
      'avgPool3d x=[1,1,1,1,1] f=[2,2,2] s=1 p=2',
      'maxPool x=[2,2,3] f=[1,1] s=2 p=1 dimRoundingMode=floor',
      'pool avg x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding',
      'pool max x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding',
    ],
  },
  {
    reason:
      'topk that need not be sorted: the order of what it gives is open, and compiled it is sorted.',
    kernels: ['TopK'],
    specs: ['topk lower-index element appears first, sorted=false'],
  },
  {
    reason:
      'No convolution of stride 1 with padding "same" makes 8×8 pixels from 4×4, so this is the gradient of none.',
    kernels: ['Conv2DBackpropInput'],
    specs: ['conv2dTranspose input=8x8x8,output=4x4x8,f=8,s=1,inDepth=8,p=same vec4'],
  },
];
