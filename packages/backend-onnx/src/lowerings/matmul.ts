import {
  type _FusedMatMulAttrs,
  type BatchMatMulAttrs,
  backend_util,
  type EinsumAttrs,
} from '@tensorflow/tfjs-core';
import { text, type Value } from '../graph/graph.js';
import { matMul } from '../graph/linear.js';
import { type KernelCall, type Lowering, listOf, lowering } from '../trace/lowering.js';
import { rows, type Traced, traced } from '../trace/traced.js';
import { finished } from './activation.js';

function product({ inputs, attributes }: KernelCall<BatchMatMulAttrs>): Value {
  const { transposeA, transposeB } = attributes;
  return matMul(rows(inputs.a!), rows(inputs.b!), { transposeA, transposeB });
}

const fused = (call: KernelCall<_FusedMatMulAttrs>): Traced =>
  finished(traced(product(call)), call.inputs, call.attributes);

/** A sum of products in Einstein's notation. */
function einsum(call: KernelCall<EinsumAttrs>): Traced {
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
  const values = factors.map(rows);
  const outputs = [{ type: values[0]!.type, shape }];
  return traced(call.graph.emit('Einsum', values, outputs, { equation: text(equation) })[0]!);
}

export const matMulLowerings: readonly Lowering[] = [
  lowering<BatchMatMulAttrs>('BatchMatMul', (call) => traced(product(call))),
  lowering('_FusedMatMul', fused),
  lowering('Einsum', einsum),
];
