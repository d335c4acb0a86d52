import '@tensorflow/tfjs-backend-cpu';
import {
  mul,
  ready,
  reshape,
  setBackend,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  tidy,
} from '@tensorflow/tfjs-core';
import { testSampler } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { annealedLangevin } from './annealed-langevin.js';
import { aldCorrector } from './correctors.js';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { defineSampler } from './define-sampler.js';
import { samplers } from './index.js';
import { langevin } from './langevin.js';
import { metropolisLangevin } from './metropolis-langevin.js';
import { correctedBy, predictorCorrector } from './predictor-corrector.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

testSampler('ddpm', () => ddpm());
testSampler('ddpm, fixedLarge', () => ddpm({ variance: 'fixedLarge' }));
testSampler('ddpm, clipped', () => ddpm({ clip: 3 }));
testSampler('ddim', () => ddim());
testSampler('ddim, eta 0.5', () => ddim({ eta: 0.5 }));
testSampler('ddim, eta 1', () => ddim({ eta: 1 }));
testSampler('ddim, clipped, noise recomputed', () => ddim({ clip: 3, recomputeNoise: true }));

testSampler('langevin', () => langevin(), { endsOnData: false });
testSampler('langevin with a step size', () => langevin({ stepSize: 0.01 }), { endsOnData: false });
testSampler('metropolis-langevin', () => metropolisLangevin({ logDensity: ofKit, stepSize: 0.1 }), {
  endsOnData: false,
});

// With few iterations the chain lags behind the falling noise: too wide by 0.025 at 10 a level.
testSampler('annealed-langevin', () => annealedLangevin({ stepsPerLevel: 10 }));
testSampler(
  'annealed-langevin, without denoising',
  () => annealedLangevin({ stepsPerLevel: 2, denoise: false }),
  { endsOnData: false },
);

testSampler('predictor-corrector', () => predictorCorrector());
// Its steps go by the norms of items.
testSampler('predictor-corrector, by norms', () => predictorCorrector({ corrector: 'langevin' }), {
  itemSize: 64,
});
testSampler('predictor-corrector, ddim and ald', () =>
  predictorCorrector({ predictor: 'ddim', corrector: 'ald', correctorSteps: 2 }),
);
testSampler('predictor-corrector, corrector only', () =>
  predictorCorrector({ predictor: 'none', corrector: 'ald', correctorSteps: 10 }),
);
const corrected = defineSampler({
  owner: 'mine',
  id: 'corrected',
  doc: 'rules of a stranger',
  options: {},
  rule: () => correctedBy(ddim.rule({ eta: 0.5 }), aldCorrector({ snr: 0.1 })),
});
testSampler('of a stranger, composed of rules', () => corrected());

/** ln p_t of the kit's Gaussian, N(1/2, 1/4), without its constant. */
function ofKit(x: Tensor, { alpha, sigma }: { alpha: number; sigma: number }): Tensor1D {
  return tidy(() => {
    const offset = reshape(sub(x, alpha / 2), [x.shape[0]!, -1]);
    return mul(sum(square(offset), 1), -0.5 / (alpha ** 2 / 4 + sigma ** 2)) as Tensor1D;
  });
}

describe('the list of samplers', () => {
  it('makes each by its name with default options', () => {
    expect(samplers.map((factory) => factory().name)).toEqual(samplers.map(({ id }) => id));
  });
});
