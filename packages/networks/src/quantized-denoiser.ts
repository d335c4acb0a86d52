import type { Tensor } from '@tensorflow/tfjs-core';
import { createParameterLayout, toTensor } from '@tweedie/autodiff';
import type { Backend, HostParams, IntArray, Level, Model } from '@tweedie/core';
import {
  argumentsAt,
  checkLabel,
  type DenoiserArguments,
  denoiserFunction,
  disposeBesides,
  type ModelDenoiser,
  modelDenoiser,
  refuse,
} from './denoiser-function.js';

/** A state that the denoiser will be given, or one like it; x stays the caller's. */
export interface CalibrationState {
  /** [B, ...itemShape]; batches may be smaller than those of use. */
  readonly x: Tensor;
  readonly level: Level;
  /** Other classes than the denoiser's. */
  readonly label?: number | IntArray | undefined;
}

export interface QuantizedDenoiserOptions {
  readonly model: Model;
  readonly params: HostParams;
  readonly backend: Backend;
  /** The class to denoise towards: one for all items, or one for each, int32 [B]. */
  readonly label?: number | IntArray | undefined;
  /** States of every noise level that the denoiser will see, some tens of items in all. */
  readonly calibration: readonly CalibrationState[];
}

/**
 * The denoiser of a trained model as `createDenoiser` makes it, with its convolutions in bytes: faster
 * where the processor multiplies bytes fast, and a little less exact.
 *
 * @throws TweedieError UNSUPPORTED when the backend does not quantize; INVALID_VALUE when there is no
 * calibration, the network has no convolutions to quantize, or the label is not one of its classes;
 * INVALID_SHAPE; NOT_FINITE
 */
export async function quantizedDenoiser(options: QuantizedDenoiserOptions): Promise<ModelDenoiser> {
  const { model, params, backend, label, calibration } = options;
  const classes = model.network.classes ?? 0;
  checkLabel(label, classes);
  const { quantize } = backend.capabilities;
  if (quantize === undefined) {
    refuse(
      'UNSUPPORTED',
      `the backend ${backend.name} does not compute in int8`,
      'a backend with the capability quantize, which onnx has on the processor',
      'take the onnx backend, or sample in float32',
    );
  }
  if (calibration.length === 0) {
    refuse('INVALID_VALUE', 'the calibration is empty', 'states of the levels that it will see');
  }
  const layout = createParameterLayout(params);
  const flat = toTensor(layout.pack(params));
  const denoise = denoiserFunction(model, layout);
  const seen: DenoiserArguments[] = [];
  try {
    for (const state of calibration) {
      const classesOf = state.label ?? label;
      checkLabel(classesOf, classes);
      seen.push(argumentsAt(model, state.x, state.level, classesOf));
    }
    const inFloat = (...args: DenoiserArguments) => denoise(flat, ...args);
    const compiled = await quantize(inFloat, { calibration: seen });
    return modelDenoiser(model, label, compiled, async () => {
      flat.dispose();
      await compiled.dispose();
    });
  } catch (error) {
    flat.dispose();
    throw error;
  } finally {
    for (const args of seen) disposeBesides(args);
  }
}
