import {
  type _FusedMatMulAttrs,
  type BatchMatMulAttrs,
  backend_util,
  type EinsumAttrs,
} from '@tensorflow/tfjs-core';
import { broadcastShapes } from '../ir/arithmetic.js';
import { text } from '../ir/graph.js';
import { matMul } from '../ir/linear.js';
import { rowMajor, type SymbolicTensor, symbolic } from '../tensors/symbolic-tensor.js';
import { withBiasAndActivation } from './activation.js';
import { type KernelCall, type Lowering, listOf, lowering } from './lowering.js';
import { isEmpty, zerosOf } from './windows.js';

function product({ inputs, attributes }: KernelCall<BatchMatMulAttrs>): SymbolicTensor {
  const { transposeA, transposeB } = attributes;
  const [a, b] = [inputs.a!, inputs.b!];
  if (isEmpty(a.shape) || isEmpty(b.shape)) {
    // Sums of nothing, or nothing; the runtime takes no such operands.
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const high = a.shape.at(transposeA ? -1 : -2)!;
    return zerosOf(a, [...batch, high, b.shape.at(transposeB ? -2 : -1)!]);
  }
  return symbolic(matMul(rowMajor(a), rowMajor(b), { transposeA, transposeB }));
}

const fused = (call: KernelCall<_FusedMatMulAttrs>): SymbolicTensor =>
  withBiasAndActivation(product(call), call.inputs, call.attributes);

/** A sum of products in Einstein's notation. */
function einsum(call: KernelCall<EinsumAttrs>): SymbolicTensor {
  const factors = listOf(call);
  const equation = call.attributes.equation.replaceAll(/\s/g, '');
  // Also throws tfjs's errors for an equation that is none.
  const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(
    equation,
    factors.length,
  );
  const extents: number[] = [];
  factors.forEach(({ shape }, i) => {
    shape.forEach((extent, axis) => {
      extents[idDims[i]![axis]!] = extent;
    });
  });
  // The labels of the result come first among all labels.
  const shape = extents.slice(0, allDims.length - summedDims.length);
  const values = factors.map(rowMajor);
  const outputs = [{ type: values[0]!.type, shape }];
  return symbolic(call.graph.emit('Einsum', values, outputs, { equation: text(equation) })[0]!);
}

export const matMulLowerings: readonly Lowering[] = [
  lowering<BatchMatMulAttrs>('BatchMatMul', product),
  lowering('_FusedMatMul', fused),
  lowering('Einsum', einsum),
];
