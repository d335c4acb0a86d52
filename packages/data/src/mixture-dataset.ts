import {
  createGaussianMixture,
  type Dataset,
  type FloatArray,
  type GaussianComponent,
  type GaussianMixture,
  hostArray,
  type Level,
  type Rng,
  TweedieError,
} from '@tweedie/core';
import { checkBatchRequest } from './batch-request.js';

/** Data whose density, score and denoiser are known exactly at every level. Labels are components. */
export interface MixtureDataset extends Dataset {
  /**
   * The distribution, with its density, score and posterior at every level in float64; `exactDenoiser`
   * of `@tweedie/denoisers` makes a denoiser of it.
   */
  readonly mixture: GaussianMixture;
  /**
   * One draw of p(x₀ | x_t = x) for each row of x [B, D]; row i depends on (rng, i, x_i) only.
   */
  samplePosterior(x: FloatArray, level: Level, rng: Rng): FloatArray;
}

/** The dataset of a mixture; item i of a batch is a function of (the generator's key, step, i). */
export function mixtureDataset(
  components: readonly GaussianComponent[],
): Omit<MixtureDataset, 'name' | 'config'> {
  const mixture = createGaussianMixture(components);
  const { dimension } = mixture;
  return {
    mixture,
    itemShape: [dimension],
    size: Number.POSITIVE_INFINITY,
    classes: components.length,
    batch(rng, step, batchSize) {
      checkBatchRequest(step, batchSize);
      const { x, component } = mixture.sample(rng.fork('step').fork(step), batchSize);
      return { x, label: component, density: mixture };
    },
    samplePosterior(x, level, rng) {
      if (x.shape.length !== 2 || x.shape[1] !== dimension) {
        throw new TweedieError({
          code: 'INVALID_SHAPE',
          package: 'data',
          given: `x has the shape [${x.shape.join(', ')}]`,
          allowed: `[B, ${dimension}]`,
        });
      }
      const data = new Float32Array(x.data.length);
      for (let at = 0; at < data.length; at += dimension) {
        const observed = [...x.data.subarray(at, at + dimension)];
        const drawn = mixture.posterior(observed, level).sample(rng.fromItem(at / dimension), 1);
        data.set(drawn.x.data, at);
      }
      return hostArray(data, x.shape);
    },
  };
}
