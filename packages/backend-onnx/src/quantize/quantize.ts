// The backend on which closed-over tensors live by default.
import '@tensorflow/tfjs-backend-cpu';
import '@tweedie/autodiff';
import type { PureFunction } from '@tweedie/core';
import { type QuantizedFunction, withQuantization } from '../int8/quantization.js';
import { calibrate } from './calibrate.js';

export interface QuantizeOptions<F extends PureFunction> {
  /**
   * Arguments as the function will be given, from every noise level that it will see: the ranges
   * of int8 reach over what is computed from them. They stay the caller's. Batches may be smaller than
   * those of use.
   */
  readonly calibration: readonly Parameters<F>[];
}

/**
 * A function whose convolutions are computed in int8 once it is compiled or exported:
 * `backend.compile(q)`, `exportOnnx(q, args)`. Run eagerly it is the function itself.
 *
 * Post-training static quantization (Jacob et al., "Quantization and training of neural networks for
 * efficient integer-arithmetic-only inference", 2018; Nagel et al., "A white paper on neural network
 * quantization", 2021): filters are rounded to int8, one scale for each output channel; what goes into a
 * convolution to uint8 by one scale, what comes out by one for each channel, over the ranges of the
 * calibration; sums are of 32 bits. Everything between, and convolutions of fewer
 * than 8 channels, which are a network's ends, stays in float32.
 *
 * The same function, parameters and calibration give the same numbers, on every processor: no product
 * is clipped that older ones could not hold.
 *
 * @param fn closes over its parameters, which may not change: they are read at once for the ranges,
 * and again when it is compiled
 * @throws TweedieError INVALID_VALUE when the calibration is empty, no convolution has constant
 * filters and at least 8 channels, or the convolutions are not the same for all arguments;
 * NOT_FINITE; what compiling throws. The function given back throws INVALID_VALUE when it is compiled
 * for arguments with which it makes other convolutions.
 */
export async function quantize<F extends PureFunction>(
  fn: F,
  { calibration }: QuantizeOptions<F>,
): Promise<QuantizedFunction<F>> {
  return withQuantization(fn, await calibrate(fn, calibration));
}
