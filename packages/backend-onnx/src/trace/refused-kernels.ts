/** Why a kernel of tfjs cannot be compiled, and what to do instead. */
export interface Refusal {
  readonly reason: string;
  readonly fix: string;
  /** The result would not follow from the arguments. */
  readonly isImpure?: boolean;
}

const refusals = (names: readonly string[], refusal: Refusal) =>
  Object.fromEntries(names.map((name) => [name, refusal]));

/**
 * Every kernel of tfjs that has no lowering, by name. The error for a kernel says what stands here,
 * and so does FEATURES.md.
 */
export const refusedKernels: Readonly<Record<string, Refusal>> = {
  ...refusals(['Complex', 'ComplexAbs', 'Real', 'Imag', 'FFT', 'IFFT'], {
    reason: 'it works with complex numbers, which no compiled tensor holds',
    fix: 'keep real and imaginary parts as tensors of their own; a small transform is a matrix product',
  }),
  ...refusals(
    [
      'StaticRegexReplace',
      'StringNGrams',
      'StringSplit',
      'StringToHashBucketFast',
      'RaggedTensorToTensor',
      'RaggedGather',
      'RaggedRange',
    ],
    {
      reason: 'it works with strings or with rows of uneven length',
      fix: 'prepare such data outside, and pass tensors of numbers',
    },
  ),
  ...refusals(['NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5', 'Unique'], {
    reason: 'the shape of its result follows from values, and a compiled graph has fixed shapes',
    fix: 'return what it takes, and call it outside',
  }),
  ...refusals(['SparseFillEmptyRows', 'SparseReshape', 'SparseSegmentMean', 'SparseSegmentSum'], {
    reason: 'the shape of its result follows from values, and a compiled graph has fixed shapes',
    fix: 'use unsortedSegmentSum or scatterND, whose result has a shape that is given',
  }),
  Multinomial: {
    reason: 'it draws random numbers, which would be the same in every call',
    fix: 'draw random numbers outside and pass them as arguments: argMax of the logits plus Gumbel noise −ln(−ln u) draws from a softmax',
    isImpure: true,
  },
  ...refusals(['FromPixels', 'Draw'], {
    reason: 'it reads or paints a canvas',
    fix: 'call it outside, and pass or return the tensor',
  }),
  Transform: {
    reason:
      'it looks up pixels where a matrix of numbers says, for the first image of a batch only',
    fix: 'compute the places, and use gather or gatherND',
  },
  ...refusals(['Dilation2DBackpropInput', 'Dilation2DBackpropFilter'], {
    reason: 'the gradient of Dilation2D is made of other operations here, right to second order',
    fix: 'differentiate dilation2d',
  }),
  ...refusals(['MatrixBandPart', 'Pool'], {
    reason: 'no operation of tfjs runs it: linalg.bandPart and pool are made of others',
    fix: 'call the operation',
  }),
};
