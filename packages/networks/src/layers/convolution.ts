import { type Conv2dOptions, conv2d } from '@tweedie/autodiff';
import type { Initializer, Layer, Scope } from '../kit/declaration.js';
import { fanInUniform } from '../kit/initializers.js';

export interface ConvolutionSpec extends Pick<Conv2dOptions, 'stride' | 'padding' | 'dilation'> {
  readonly inputs: number;
  readonly outputs: number;
  /** Height and width of the filter. */
  readonly kernelSize: number;
  /** Whether there is a bias; there is by default. */
  readonly bias?: boolean;
  /** Of weight and bias; by default uniform by the fan-in. */
  readonly initializer?: Initializer;
}

/** Two-dimensional convolution of NHWC images, with weights [outputs, inputs, height, width]. */
export function convolution(scope: Scope, spec: ConvolutionSpec): Layer {
  const { inputs, outputs, kernelSize, stride = 1, padding = 0, dilation = 1 } = spec;
  const initializer = spec.initializer ?? fanInUniform(inputs * kernelSize ** 2);
  const shape = [outputs, inputs, kernelSize, kernelSize];
  const weight = scope.parameter('weight', shape, initializer);
  const bias = spec.bias === false ? undefined : scope.parameter('bias', [outputs], initializer);
  return (params, x) => conv2d(x, weight(params), bias?.(params), { stride, padding, dilation });
}
