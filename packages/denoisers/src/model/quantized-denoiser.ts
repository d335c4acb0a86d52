import type { Tensor } from '@tensorflow/tfjs-core';
import { createParameterLayout, toTensor } from '@tweedie/autodiff';
import { type Backend, type HostParams, type Level, type Model, TweedieError } from '@tweedie/core';
import type { DisposableDenoiser } from '../disposable-denoiser.js';
import { checkLabel, type Label } from './labels.js';
import {
  argumentsAt,
  type DenoiserArguments,
  denoiserFunction,
  disposeArguments,
  modelDenoiser,
} from './model-denoiser.js';

/** A state like those that the denoiser will be given; x stays the caller's. */
export interface CalibrationState {
  /** [B, ...itemShape]; batches may be smaller than those of use. */
  readonly x: Tensor;
  readonly level: Level;
  /** Classes of these items, where they are not the denoiser's. */
  readonly label?: Label | undefined;
}

export interface QuantizedDenoiserOptions {
  readonly model: Model;
  readonly params: HostParams;
  readonly backend: Backend;
  /** The class to denoise towards: one for all items, or one for each, int32 [B]. */
  readonly label?: Label | undefined;
  /** States of every noise level that the denoiser will see, some tens of items in all. */
  readonly calibration: readonly CalibrationState[];
}

/**
 * The denoiser of a trained model as `createDenoiser` makes it, with its convolutions in int8: faster
 * on processors with int8 instructions, and a little less exact.
 *
 * @throws TweedieError UNSUPPORTED when the backend does not quantize; INVALID_VALUE when there is no
 * calibration, the network has no convolutions to quantize, or the label is not one of its classes;
 * INVALID_SHAPE; NOT_FINITE
 */
export async function quantizedDenoiser(
  options: QuantizedDenoiserOptions,
): Promise<DisposableDenoiser> {
  const { model, params, backend, label, calibration } = options;
  checkLabel(label, model.network);
  const { quantize } = backend.capabilities;
  if (quantize === undefined) {
    throw new TweedieError({
      code: 'UNSUPPORTED',
      package: 'denoisers',
      given: `the backend ${backend.name} does not compute in int8`,
      allowed: 'a backend with the capability quantize, which onnx has on the processor',
      fix: 'take the onnx backend, or sample in float32',
    });
  }
  if (calibration.length === 0) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'denoisers',
      given: 'the calibration is empty',
      allowed: 'states of the levels that the denoiser will see',
    });
  }
  const layout = createParameterLayout(params);
  const flat = toTensor(layout.pack(params));
  const denoise = denoiserFunction(model, layout);
  const seen: DenoiserArguments[] = [];
  try {
    for (const state of calibration) {
      const stateLabel = state.label ?? label;
      checkLabel(stateLabel, model.network);
      seen.push(argumentsAt(model, state.x, state.level, stateLabel));
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
    for (const args of seen) disposeArguments(args);
  }
}
