import type { FillAttrs, LinSpaceAttrs, RangeAttrs } from '@tensorflow/tfjs-core';
import { dataOf, scalar } from '../ir/constant.js';
import type { TensorType } from '../ir/element-type.js';
import type { Graph } from '../ir/graph.js';
import { type SymbolicTensor, symbolic } from '../tensors/symbolic-tensor.js';
import { type Lowering, lowering } from './lowering.js';

/** Tensors whose elements are known while the function is traced. */

function vector(graph: Graph, type: TensorType, numbers: readonly number[]): SymbolicTensor {
  return symbolic(graph.constant(type, dataOf(type, numbers), [numbers.length]));
}

const filledLike = (kernelName: string, value: number): Lowering =>
  lowering(kernelName, ({ graph, inputs }) =>
    symbolic(scalar(graph, inputs.x!.type, value), inputs.x!.shape),
  );

export const creationLowerings: readonly Lowering[] = [
  filledLike('ZerosLike', 0),
  filledLike('OnesLike', 1),
  lowering<FillAttrs>('Fill', ({ graph, attributes: { shape, value, dtype } }) =>
    symbolic(scalar(graph, (dtype ?? 'float32') as TensorType, Number(value)), shape),
  ),
  lowering<RangeAttrs>('Range', ({ graph, attributes: { start, stop, step, dtype } }) => {
    // tfjs's default step of 1 counts downwards where the range does.
    const signed = stop < start && step === 1 ? -1 : step;
    const count = Math.max(0, Math.ceil((stop - start) / signed));
    const numbers = Array.from({ length: count }, (_, i) => start + i * signed);
    return vector(graph, dtype ?? 'float32', numbers);
  }),
  lowering<LinSpaceAttrs>('LinSpace', ({ graph, attributes: { start, stop, num } }) => {
    const step = (stop - start) / (num - 1);
    return vector(
      graph,
      'float32',
      Array.from({ length: num }, (_, i) => start + i * step),
    );
  }),
];
