import { div, mul, scalar, sub, type Tensor, type Tensor1D, zeros } from '@tensorflow/tfjs-core';
import type { Model, Params } from '@tweedie/core';
import { denoiseWith } from '@tweedie/denoisers';
import { calibrated } from './calibration.js';
import { type ExportNotes, labelDescription } from './notes.js';
import type { CalibrationPoint } from './request.js';
import { tensorArithmetic } from './tensor-arithmetic.js';

/** What the inputs and outputs of an exported denoiser are. */
export function denoiserDescriptions(
  shape: readonly number[],
  classes: number,
): Record<string, string> {
  return {
    x: `noised data alpha x0 + sigma epsilon, [${shape}]: item, then the axes of an item (height, width, channel for images)`,
    alpha: 'scale of the signal at this noise level, above 0 unless data or velocity are predicted',
    sigma: 'scale of the noise at this noise level, above 0',
    time: 'time of the schedule at this noise level (see tweedie.schedule)',
    label: labelDescription(shape, classes),
    denoised: `estimate of the data, E[x0 | x], [${shape}]`,
    noise: `estimate of the noise, (x - alpha denoised) / sigma, [${shape}]`,
  };
}

interface DenoiserExportRequest {
  readonly model: Model;
  readonly params: Params;
  /** [B, ...itemShape] */
  readonly shape: readonly number[];
  readonly calibration: readonly CalibrationPoint[] | undefined;
  readonly notes: ExportNotes;
}

/**
 * The denoiser of a model for any level: x, alpha, sigma, time (and label) to denoised and noise.
 * Inputs that the model does not need are left out.
 */
export async function exportDenoiser({
  model,
  params,
  shape,
  calibration,
  notes,
}: DenoiserExportRequest): Promise<Uint8Array> {
  const { exportOnnx } = await import('@tweedie/backend-onnx');
  const hasClasses = (model.network.classes ?? 0) > 0;
  const anyLevel = (x: Tensor, alpha: Tensor, sigma: Tensor, time: Tensor, label?: Tensor1D) => {
    const coefficients = model.parameterization.coefficientsOver(tensorArithmetic, {
      t: time,
      alpha,
      sigma,
    });
    const estimate = denoiseWith(model.network, params, x, coefficients, label);
    return [estimate, div(sub(x, mul(alpha, estimate)), sigma)];
  };
  const fn = await calibrated(anyLevel, model, calibration, ({ alpha, sigma, t }) => [
    alpha,
    sigma,
    t,
  ]);
  const x = zeros([...shape]);
  // Only their shapes matter.
  const scalars = [scalar(1), scalar(1), scalar(0)] as const;
  const label = hasClasses ? [zeros([shape[0]!], 'int32') as Tensor1D] : [];
  try {
    return exportOnnx(fn, [x, ...scalars, ...label] as Parameters<typeof fn>, {
      inputs: ['x', 'alpha', 'sigma', 'time', ...(hasClasses ? ['label'] : [])],
      outputs: ['denoised', 'noise'],
      ...notes,
    });
  } finally {
    for (const tensor of [x, ...scalars, ...label]) tensor.dispose();
  }
}
