import { TweedieError } from '@tweedie/core';
import * as op from '../ir/arithmetic.js';
import type { Value } from '../ir/graph.js';
import type { SymbolicTensor } from '../tensors/symbolic-tensor.js';
import { elementwise, prelu } from './elementwise.js';

/** What tfjs's fused kernels do after the product. */
export interface FusedAttributes {
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
}

const activations: Readonly<Record<string, (x: Value, slope: number) => Value>> = {
  linear: (x) => x,
  relu: (x) => op.maximum(x, 0),
  relu6: (x) => op.minimum(op.maximum(x, 0), 6),
  elu: (x) => op.unary('Elu', x),
  sigmoid: op.sigmoid,
  leakyrelu: (x, slope) => op.leakyRelu(x, slope),
};

/** @param slopes the learned slopes of 'prelu' */
function activate(
  x: SymbolicTensor,
  { activation = 'linear', leakyreluAlpha = 0.2 }: FusedAttributes,
  slopes: SymbolicTensor | undefined,
): SymbolicTensor {
  if (activation === 'linear') return x;
  if (activation === 'prelu' && slopes !== undefined) return elementwise([x, slopes], prelu);
  const activate = activations[activation];
  if (activate !== undefined) return elementwise([x], (value) => activate(value, leakyreluAlpha));
  throw new TweedieError({
    code: 'UNSUPPORTED',
    package: 'backend-onnx',
    given: `a fused operation has the activation ${activation}`,
    allowed: `${Object.keys(activations).join(', ')}, prelu`,
  });
}

/** With a bias that broadcasts and an activation. */
export function withBiasAndActivation(
  product: SymbolicTensor,
  inputs: Readonly<Record<string, SymbolicTensor>>,
  attributes: FusedAttributes,
): SymbolicTensor {
  const { bias } = inputs;
  const moved = bias === undefined ? product : elementwise([product, bias], op.add);
  return activate(moved, attributes, inputs.preluActivationWeights);
}
