import { memory, setBackend } from '@tensorflow/tfjs-core';
import { onnxBackend } from '@tweedie/backend-onnx';
import { floats, type Level } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { expect, it } from 'vitest';
import { createFigureContext } from './context.js';
import { idealDenoiser } from './ideal-denoiser.js';
import { denoisedOf } from './sampling.js';

it('is the posterior mean of a mixture of points, and frees what it holds', async () => {
  const backend = onnxBackend({ threads: 1 });
  await setBackend(backend.tensorBackend);
  const before = memory().numTensors;
  const items = floats([1, 2, -1, 0.5, 0.25, -2], [3, 2]);
  const ideal = idealDenoiser(createFigureContext({ backend }), items);
  // Points as Gaussians so narrow that their variance is lost beside the noise's in float64.
  const { mixture } = gaussianMixture({
    weights: [1, 1, 1],
    means: [...items.data],
    standardDeviations: [1e-9],
  });
  const x = [
    [0.3, 0.2],
    [-1, 1],
    [2, -3],
  ];
  for (const [alpha, sigma] of [
    [1, 0.5],
    [0.6, 0.8],
    [1, 20],
  ]) {
    const level: Level = { t: 0, alpha: alpha!, sigma: sigma! };
    const denoised = await denoisedOf(ideal.denoise, floats(x.flat(), [3, 2]), level);
    const exact = x.flatMap((at) => mixture.posterior(at, level).mean);
    // Rounding of float32: values up to 3, scalar products with a few roundings each.
    for (const [i, value] of exact.entries()) expect(denoised.data[i]).toBeCloseTo(value, 5);
  }
  await ideal.dispose();
  expect(memory().numTensors).toBe(before);
  await backend.dispose();
});
