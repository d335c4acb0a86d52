import {
  cast,
  type GradConfig,
  gatherND,
  greater,
  matMul,
  oneHot,
  ones,
  reshape,
  scatterND,
  sum,
  type Tensor,
  topk,
  where,
  zeros,
} from '@tensorflow/tfjs-core';
import { gradient } from '../tape/gradient.js';

// Reading and writing at places that a tensor tells. None of these has a gradient in tfjs. Where
// several updates go to one place, and one of them wins, every one of them has the whole gradient.

const noFlow = (t: Tensor) => () => zeros(t.shape);

/** Places to write to, as places to read from: a vector stands for a matrix of one column. */
const writtenPlaces = (indices: Tensor) =>
  indices.rank > 1 ? indices : reshape(indices, [indices.size, 1]);

/** dy, with zeros where updates go. */
function unlessWritten(dy: Tensor, indices: Tensor, updates: number[]): Tensor {
  const hits = scatterND(indices, ones(updates), dy.shape as never);
  return where(greater(hits, 0), zeros(dy.shape), dy);
}

export const scatteringGradients: readonly GradConfig[] = [
  gradient('GatherNd', ['params', 'indices'], (dy, [params, indices]) => ({
    params: () => scatterND(indices, dy, params.shape as never),
    indices: noFlow(indices),
  })),
  gradient('ScatterNd', ['indices'], (dy, [indices]) => ({
    updates: () => gatherND(dy, writtenPlaces(indices)),
    indices: noFlow(indices),
  })),
  gradient('TensorScatterUpdate', ['indices', 'updates'], (dy, [indices, updates]) => ({
    // Not by the same kernel, which on tfjs's cpu backend writes into its input.
    tensor: () => unlessWritten(dy, indices, updates.shape),
    updates: () => gatherND(dy, writtenPlaces(indices)),
    indices: noFlow(indices),
  })),
  gradient(
    'SparseToDense',
    ['sparseIndices', 'sparseValues'],
    (dy, [indices, values], { outputShape }: { readonly outputShape: number[] }) => {
      // A vector of places stands for a matrix of one column, and one value for all of them.
      const places = reshape(indices, [-1, outputShape.length]);
      return {
        sparseIndices: noFlow(indices),
        sparseValues: () => {
          const flow = gatherND(dy, places);
          return values.rank === 0 ? sum(flow) : reshape(flow, values.shape);
        },
        defaultValue: () => sum(unlessWritten(dy, places, [places.shape[0]!])),
      };
    },
  ),
  {
    kernelName: 'TopK',
    inputsToSave: ['x'],
    gradFunc: (dys, [x], attributes) => ({
      x: () => {
        const { k } = attributes as unknown as { k: number };
        const extent = x!.shape.at(-1)!;
        const vectors = x!.size / extent;
        const places = oneHot(reshape(topk(x!, k).indices, [vectors, k]), extent);
        const flow = reshape((dys as Tensor[])[0]!, [vectors, 1, k]);
        return reshape(matMul(flow, cast(places, 'float32')), x!.shape);
      },
    }),
  },
];
