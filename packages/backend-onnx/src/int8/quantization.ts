import type { PureFunction } from '@tweedie/core';
import type { Range } from './ranges.js';

/**
 * A convolution of a function: its filter and bias, by which it is known again, and the ranges that
 * calibration saw.
 */
export interface CalibratedConvolution {
  /** [K, C, R, S] */
  readonly filter: Float32Array;
  readonly bias: Float32Array | null;
  readonly input: Range;
  /** One for each output channel. */
  readonly outputs: readonly Range[];
}

/** The convolutions of a function that are computed in int8, in the order of computation. */
export type Quantization = readonly CalibratedConvolution[];

/** A pure function, and how its convolutions are quantized where it is compiled or exported. */
export type QuantizedFunction<F extends PureFunction = PureFunction> = F & {
  readonly quantization: Quantization;
};

/** Another function that does the same, with a quantization. */
export function withQuantization<F extends PureFunction>(
  fn: F,
  quantization: Quantization,
): QuantizedFunction<F> {
  const copy = (...args: Parameters<F>): ReturnType<F> => fn(...args) as ReturnType<F>;
  return Object.assign(copy as F, { quantization });
}

export const isQuantized = (fn: PureFunction): fn is QuantizedFunction => 'quantization' in fn;
