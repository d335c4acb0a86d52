import type { Backend, FloatArray, HostParams } from '@tweedie/core';
import { createDenoiser } from '@tweedie/denoisers';
import {
  checkSamplingMemory,
  createModel,
  createSampling,
  generate,
  int8Denoiser,
  type RunConfig,
  type SamplingChoice,
  samplingMemory,
  type TweedieRegistry,
} from 'tweedie';
import { createProgress } from './progress.js';
import { warnOfMemory } from './warn-memory.js';

export interface DrawRequest {
  readonly config: RunConfig;
  readonly registry: TweedieRegistry;
  readonly backend: Backend;
  readonly params: HostParams;
  readonly sampling: SamplingChoice;
  readonly count: number;
  readonly seed: number;
  /** Whether convolutions are computed in int8. */
  readonly int8?: boolean | undefined;
  readonly signal?: AbortSignal;
}

/** Samples from a model, with a progress bar. */
export async function drawSamples(request: DrawRequest): Promise<FloatArray> {
  const { config, registry, backend, params, sampling, count, seed, signal } = request;
  const model = createModel(config, registry);
  const { sampler, grid } = createSampling(sampling, model, registry);
  const { network } = model;
  const { itemShape } = network;
  const size = { itemShape, count, batchSize: sampling.batchSize, network };
  checkSamplingMemory(size);
  warnOfMemory('sampling', samplingMemory(size));
  const denoiser = request.int8
    ? await int8Denoiser({ config: { ...config, sampling }, params, registry, backend, signal })
    : createDenoiser({ model, params, backend });
  const progress = createProgress({ total: count, label: 'Sampling' });
  try {
    const work = generate({
      denoiser,
      sampler,
      grid,
      schedule: model.schedule,
      itemShape,
      count,
      seed,
      batchSize: sampling.batchSize,
      signal,
    });
    for (;;) {
      const step = await work.next();
      if (step.done) return step.value;
      const { done, total } = step.value;
      progress.update(
        Math.floor((done / total) * count),
        `${sampler.name}, ${grid.length - 1} steps`,
      );
    }
  } finally {
    progress.finish();
    await denoiser.dispose();
  }
}
