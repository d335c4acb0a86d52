import type { FusedBatchNormAttrs, LRNAttrs, LRNGradAttrs } from '@tensorflow/tfjs-core';
import { sizeOf } from '@tweedie/core';
import { add, div, mul, pow, sqrt, square, sub } from '../ir/arithmetic.js';
import { dataOf } from '../ir/constant.js';
import type { Value } from '../ir/graph.js';
import { matMul } from '../ir/linear.js';
import { reshape } from '../ir/shape.js';
import { rowMajor, type SymbolicTensor, symbolic } from '../tensors/symbolic-tensor.js';
import { elementwise } from './elementwise.js';
import { type KernelCall, type Lowering, lowering } from './lowering.js';
import { isEmpty, zerosOf } from './windows.js';

/** (x − mean)/√(variance + ε)·scale + offset, with statistics that are given. */
function batchNorm({ inputs, attributes }: KernelCall<FusedBatchNormAttrs>): SymbolicTensor {
  const epsilon = attributes.varianceEpsilon ?? 0.001;
  const { x, mean, variance, scale, offset } = inputs;
  const given = [scale, offset].filter((part) => part !== undefined);
  return elementwise([x!, mean!, variance!, ...given], (value, centre, spread, ...more) => {
    const deviation = sqrt(add(spread, epsilon));
    const factor = scale === undefined ? undefined : div(more[0]!, deviation);
    const centred = sub(value, centre);
    const scaled = factor === undefined ? div(centred, deviation) : mul(centred, factor);
    return offset === undefined ? scaled : add(scaled, more.at(-1)!);
  });
}

/** The sum over channels at most `radius` apart. */
function overNeighbours(x: Value, radius: number): Value {
  const channels = x.shape.at(-1)!;
  const near = Array.from({ length: channels * channels }, (_, i) =>
    Number(Math.abs((i % channels) - Math.floor(i / channels)) <= radius),
  );
  const band = x.graph.constant('float32', dataOf('float32', near), [channels, channels]);
  return reshape(matMul(reshape(x, [sizeOf(x.shape) / channels, channels]), band), x.shape);
}

/** bias + α Σ x², the sum over the neighbouring channels. */
const energy = (x: Value, { depthRadius, bias, alpha }: LRNAttrs) =>
  add(mul(overNeighbours(square(x), depthRadius), alpha), bias);

export const normalizationLowerings: readonly Lowering[] = [
  lowering('FusedBatchNorm', batchNorm),
  // Local response normalization (Krizhevsky et al., 2012, section 3.3): x·energy^−β.
  lowering<LRNAttrs>('LRN', ({ inputs, attributes }) => {
    if (isEmpty(inputs.x!.shape)) return inputs.x!;
    const x = rowMajor(inputs.x!);
    return symbolic(mul(x, pow(energy(x, attributes), -attributes.beta)));
  }),
  lowering<LRNGradAttrs>('LRNGrad', ({ inputs, attributes }) => {
    if (isEmpty(inputs.x!.shape)) return zerosOf(inputs.dy!, inputs.x!.shape);
    const [x, dy] = [rowMajor(inputs.x!), rowMajor(inputs.dy!)];
    const { alpha, beta, depthRadius } = attributes;
    const n = energy(x, attributes);
    const own = mul(dy, pow(n, -beta));
    const shared = overNeighbours(mul(own, div(x, n)), depthRadius);
    return symbolic(sub(own, mul(mul(x, shared), 2 * alpha * beta)));
  }),
];
