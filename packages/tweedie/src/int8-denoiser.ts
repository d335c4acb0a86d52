import { dispose } from '@tensorflow/tfjs-core';
import { toTensor } from '@tweedie/autodiff';
import { type Backend, type HostParams, type IntArray, TweedieError } from '@tweedie/core';
import { type DisposableDenoiser, quantizedDenoiser } from '@tweedie/denoisers';
import type { TweedieRegistry } from './registry.js';
import { createModel, createSampling } from './run-config.js';
import type { RunConfig } from './run-config-form.js';

export interface Int8DenoiserRequest {
  /** The calibration follows the sampler and the grid of its `sampling`. */
  readonly config: RunConfig;
  readonly params: HostParams;
  readonly registry: TweedieRegistry;
  readonly backend: Backend;
  /** The class to denoise towards: one for all items, or one for each, int32 [B]. */
  readonly label?: number | IntArray | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Samples of a walk, the seeds of the walks, and at most how many levels of each are kept. */
const CALIBRATION = { items: 16, seeds: [0, 1], levels: 32 };

/**
 * The denoiser of a run with its convolutions in int8. The ranges are taken from what the
 * float32 denoiser is given while the run's sampler draws 32 samples; their seeds are fixed, so that
 * the same run gives the same denoiser.
 *
 * @throws TweedieError UNSUPPORTED when the backend does not quantize; INVALID_VALUE when the network
 * has no convolutions to quantize or the label is not one of its classes; what sampling throws
 */
export async function int8Denoiser(request: Int8DenoiserRequest): Promise<DisposableDenoiser> {
  const { config, params, registry, backend, label, signal } = request;
  if (backend.capabilities.quantize === undefined) {
    throw new TweedieError({
      code: 'UNSUPPORTED',
      package: 'tweedie',
      given: `the backend ${backend.name} does not compute in int8`,
      allowed: 'onnx, on the processor',
      fix: 'take the onnx backend, or sample in float32',
    });
  }
  const { items, seeds, levels } = CALIBRATION;
  const model = createModel(config, registry);
  const trained = { model, params, ...createSampling(config.sampling, model, registry) };
  const { calibrationOf, labelsFor } = await import('@tweedie/export');
  const calibration = [];
  try {
    for (const seed of seeds) {
      const points = await calibrationOf(trained, { backend, items, levels, seed, signal });
      for (const { x, level } of points) {
        calibration.push({ x: toTensor(x), level, label: labelsFor(model, items) });
      }
    }
    return await quantizedDenoiser({ model, params, backend, label, calibration });
  } catch (error) {
    throw explainInt8(error, model.network.name);
  } finally {
    dispose(calibration.map(({ x }) => x));
  }
}

/** A network without convolutions is not the backend's word for it: 'the function'. */
function explainInt8(error: unknown, network: string): unknown {
  if (!TweedieError.isInstance(error) || !error.message.includes('no convolution')) return error;
  return new TweedieError({
    code: error.code,
    package: 'tweedie',
    given: `network '${network}' has no convolutions, which are what int8 computes`,
    fix: 'leave out --int8, or in code take createDenoiser',
    cause: error,
  });
}
