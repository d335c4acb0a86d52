import { toHost, toTensor } from '@tweedie/autodiff';
import type { ModelArray } from '@tweedie/backend-onnx';
import { type Backend, createRng, type FloatArray, throwIfAborted } from '@tweedie/core';
import { createDenoiser } from '@tweedie/denoisers';
import { labelsFor } from '../calibration.js';
import type { ExportedModel } from '../export-model.js';
import type { ExportRequest } from '../request.js';
import type { Bench } from './bench.js';
import { checkDenoiser } from './check-denoiser.js';
import { checkSampler } from './check-sampler.js';
import { checkSteps } from './check-steps.js';
import { precisions } from './precision.js';

const checks = { denoiser: checkDenoiser, 'sampler-step': checkSteps, sampler: checkSampler };

export interface CheckOptions {
  /** Where the reference is computed. */
  readonly backend: Backend;
  /** Where the model is run: 'cpu' (onnxruntime-node, the default) or 'wasm' (onnxruntime-web). */
  readonly device?: 'cpu' | 'wasm';
  readonly seed?: number;
  readonly signal?: AbortSignal | undefined;
}

/** An exported model compared with what it was made of. */
export interface ExportCheck {
  /**
   * The largest difference of an element, over the largest value of its array or of what the array
   * is a sum of. In int8 root mean squares of both.
   */
  readonly difference: number;
  /**
   * What rounding may do, and the export agrees below it: 1e-5; for a whole chain more, where errors
   * of 10⁻⁶ of the denoiser, at random, make more of it. In int8 0.1, and errors of 0.02.
   */
  readonly tolerance: number;
  /** Arrays that were compared. */
  readonly compared: number;
  /** What the model takes and gives. */
  readonly inputs: readonly ModelArray[];
  readonly outputs: readonly ModelArray[];
}

/**
 * Runs an exported model with ONNX Runtime on random input and compares it with this library's own
 * denoiser or sampler on the same numbers.
 *
 * @throws TweedieError MISSING_BACKEND without the runtime, CORRUPT_FILE when it refuses the model,
 * NOT_FINITE, ABORTED
 */
export async function checkExport(
  exported: Pick<ExportedModel, 'model' | 'what' | 'draws'>,
  request: Omit<ExportRequest, 'what' | 'facts'>,
  { backend, device = 'cpu', seed = 0, signal }: CheckOptions,
): Promise<ExportCheck> {
  const { model, sampler, grid, batchSize, params } = request;
  const rng = createRng(seed);
  const shape = [batchSize, ...model.network.itemShape];
  const label = labelsFor(model, batchSize);
  const denoiser = createDenoiser({ model, params, backend, label });
  const { openModel } = await import('@tweedie/backend-onnx');
  const opened = await openModel(exported.model, { device });
  const labelTensor = label === undefined ? {} : { label: toTensor(label) };
  const bench: Bench = {
    model,
    sampler,
    grid,
    denoiser,
    rng,
    shape,
    signal,
    draws: exported.draws,
    inputs: opened.inputs,
    precision: precisions[request.calibration === undefined ? 'float32' : 'int8'],
    async run(feeds, names) {
      throwIfAborted(signal, 'export');
      const results = await opened.run({ ...labelTensor, ...feeds });
      const arrays = await Promise.all(names.map((name) => toHost(results[name]!)));
      for (const tensor of Object.values(results)) tensor.dispose();
      return arrays as FloatArray[];
    },
  };
  try {
    const { differences, tolerance = bench.precision.tolerance } =
      await checks[exported.what](bench);
    return {
      difference: Math.max(...differences),
      tolerance,
      compared: differences.length,
      inputs: opened.inputs,
      outputs: opened.outputs,
    };
  } finally {
    for (const tensor of Object.values(labelTensor)) tensor.dispose();
    await opened.dispose();
    await denoiser.dispose();
  }
}
