import { mul, sub } from '../ir/arithmetic.js';
import type { Value } from '../ir/graph.js';
import { matMul, softmax } from '../ir/linear.js';
import { reduceSum } from '../ir/reduction.js';
import { reshape } from '../ir/shape.js';
import { rowMajor, type SymbolicTensor, symbolic } from '../tensors/symbolic-tensor.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';

interface AttentionAttributes {
  readonly scale: number;
}

const weightsOf = (q: Value, k: Value, scale: number) =>
  softmax(matMul(q, k, { transposeB: true, scale }), 2);

function attention({ inputs, attributes }: KernelCall<AttentionAttributes>): SymbolicTensor {
  const weights = weightsOf(rowMajor(inputs.q!), rowMajor(inputs.k!), attributes.scale);
  return symbolic(matMul(weights, rowMajor(inputs.v!)));
}

function attentionGradient({
  inputs,
  attributes,
}: KernelCall<AttentionAttributes>): SymbolicTensor[] {
  const { scale } = attributes;
  const [q, k, v, dy] = [
    rowMajor(inputs.q!),
    rowMajor(inputs.k!),
    rowMajor(inputs.v!),
    rowMajor(inputs.dy!),
  ];
  const weights = weightsOf(q, k, scale);
  const weighted = mul(weights, matMul(dy, v, { transposeB: true }));
  const [items, queries] = weights.shape as [number, number];
  const total = reshape(reduceSum(weighted, [2]), [items, queries, 1]);
  const dlogits = sub(weighted, mul(weights, total));
  return [
    symbolic(matMul(dlogits, k, { scale })),
    symbolic(matMul(dlogits, q, { transposeA: true, scale })),
    symbolic(matMul(weights, dy, { transposeA: true })),
  ];
}

export const attentionLowerings: readonly Lowering[] = [
  lowering('TweedieAttention', attention),
  lowering('TweedieAttentionGrad', attentionGradient),
];
