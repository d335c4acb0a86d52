import { add, matMul, reshape } from '@tensorflow/tfjs-core';
import type { Layer, Scope } from '../kit/declaration.js';
import { fanInUniform } from '../kit/initializers.js';

/** x Wᵀ + b over the last axis, with W [outputs, inputs] as PyTorch keeps it. */
export function linear(scope: Scope, inputs: number, outputs: number): Layer {
  const weight = scope.parameter('weight', [outputs, inputs], fanInUniform(inputs));
  const bias = scope.parameter('bias', [outputs], fanInUniform(inputs));
  return (params, x) => {
    const rows = reshape(x, [-1, inputs]);
    const y = add(matMul(rows, weight(params), false, true), bias(params));
    return reshape(y, [...x.shape.slice(0, -1), outputs]);
  };
}
