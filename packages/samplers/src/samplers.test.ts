import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { testSampler } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { samplers } from './index.js';

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

describe('the list of samplers', () => {
  it('makes each by its name with default options', () => {
    expect(samplers.map((factory) => factory().name)).toEqual(['ddpm', 'ddim']);
  });
});
