import {
  cast,
  concat,
  type GradConfig,
  gather,
  mul,
  pad,
  reshape,
  reverse,
  scalar,
  slice,
  stack,
  sum,
  type Tensor,
  transpose,
  unsortedSegmentSum,
  unstack,
  util,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { unbroadcast } from './broadcasting.js';

/** A gradient that needs nothing but dy, the input and the attributes. */
function ofInput<Attributes>(
  kernelName: string,
  back: (dy: Tensor, x: Tensor, attrs: Attributes) => Tensor,
  input = 'x',
): GradConfig {
  return {
    kernelName,
    inputsToSave: [input],
    gradFunc: (dy, saved, attrs) => ({
      [input]: () => back(dy as Tensor, saved[0]!, attrs as unknown as Attributes),
    }),
  };
}

export const shapeGradients: readonly GradConfig[] = [
  ofInput('Identity', (dy) => cast(dy, 'float32')),
  ofInput('Cast', (dy) => cast(dy, 'float32')),
  ofInput('Reshape', (dy, x) => reshape(dy, x.shape)),
  ofInput('ExpandDims', (dy, x) => reshape(dy, x.shape), 'input'),
  ofInput<{ perm: number[] }>('Transpose', (dy, _x, { perm }) =>
    transpose(
      dy,
      perm.map((_, axis) => perm.indexOf(axis)),
    ),
  ),
  ofInput<{ dims: number | number[] }>('Reverse', (dy, x, { dims }) =>
    reverse(dy, util.parseAxisParam(dims, x.shape)),
  ),
  ofInput('BroadcastTo', (dy, x) => unbroadcast(dy, x.shape)),
  ofInput<{ begin: number | number[]; size: number | number[] }>('Slice', (dy, x, { begin }) => {
    const starts = typeof begin === 'number' ? [begin] : begin;
    const paddings = x.shape.map((extent, axis): [number, number] => {
      const before = starts[axis] ?? 0;
      return [before, extent - before - dy.shape[axis]!];
    });
    return pad(dy, paddings);
  }),
  ofInput<{ paddings: [number, number][] }>('PadV2', (dy, x, { paddings }) =>
    slice(
      dy,
      paddings.map(([before]) => before),
      x.shape,
    ),
  ),
  ofInput<{ reps: number[] }>('Tile', (dy, x, { reps }) => {
    // The copies become axes of their own, which are summed.
    const shape = x.shape.flatMap((extent, axis) => [reps[axis]!, extent]);
    const copies = x.shape.map((_, axis) => 2 * axis);
    return reshape(sum(reshape(dy, shape), copies), x.shape);
  }),
  {
    kernelName: 'SplitV',
    gradFunc: (dy, _saved, attrs) => ({
      x: () => concat(dy as Tensor[], (attrs as unknown as { axis: number }).axis),
    }),
  },
  {
    kernelName: 'Concat',
    saveAllInputs: true,
    gradFunc: (dy, saved, attrs) => {
      const axis = util.parseAxisParam(
        (attrs as unknown as { axis: number }).axis,
        saved[0]!.shape,
      )[0]!;
      const sizes = saved.map((part) => part.shape[axis]!);
      return Object.fromEntries(
        saved.map((part, i) => [
          String(i),
          () => {
            const begin = part.shape.map(() => 0);
            begin[axis] = sizes.slice(0, i).reduce((a, b) => a + b, 0);
            return slice(dy as Tensor, begin, part.shape);
          },
        ]),
      );
    },
  },
  {
    kernelName: 'Pack',
    saveAllInputs: true,
    gradFunc: (dy, saved, attrs) => {
      const { axis } = attrs as unknown as { axis: number };
      const parts = unstack(dy as Tensor, axis);
      return Object.fromEntries(saved.map((_, i) => [String(i), () => parts[i]!]));
    },
  },
  {
    kernelName: 'Unpack',
    gradFunc: (dy, _saved, attrs) => ({
      value: () => stack(dy as Tensor[], (attrs as unknown as { axis: number }).axis),
    }),
  },
  {
    kernelName: 'GatherV2',
    inputsToSave: ['x', 'indices'],
    gradFunc: (dy, saved, attrs) => {
      const [x, indices] = saved as [Tensor, Tensor];
      const { axis, batchDims = 0 } = attrs as unknown as { axis: number; batchDims?: number };
      return {
        x: () => {
          if (batchDims !== 0) throw new Error('gather with batchDims has no gradient');
          const at = util.parseAxisParam(axis, x.shape)[0]!;
          // Bring the gathered axis to the front, add up equal indices, and put it back.
          const rank = indices.shape.length;
          const gathered = Array.from({ length: rank }, (_, i) => at + i);
          const others = (dy as Tensor).shape.map((_, i) => i).filter((i) => !gathered.includes(i));
          const rest = x.shape.filter((_, i) => i !== at);
          const front = reshape(transpose(dy as Tensor, [...gathered, ...others]), [
            indices.size,
            ...rest,
          ]);
          const summed = unsortedSegmentSum(
            front,
            reshape(indices, [indices.size]) as never,
            x.shape[at]!,
          );
          const order = x.shape.map((_, i) => (i === at ? 0 : i < at ? i + 1 : i));
          return transpose(summed, order);
        },
        indices: () => zerosLike(cast(indices, 'float32')),
      };
    },
  },
  {
    kernelName: 'UnsortedSegmentSum',
    inputsToSave: ['segmentIds'],
    gradFunc: (dy, saved) => ({
      x: () => gather(dy as Tensor, saved[0] as never),
      segmentIds: () => zerosLike(cast(saved[0]!, 'float32')),
    }),
  },
  ofInput('ZerosLike', (dy) => mul(dy, scalar(0))),
  ofInput('OnesLike', (dy) => mul(dy, scalar(0))),
];
