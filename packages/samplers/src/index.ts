import { ddim } from './ddim.js';
import { ddimInversion } from './ddim-inversion.js';
import { ddpm } from './ddpm.js';

export { initialNoise, runSampler } from './run-sampler.js';
export { defineSampler, type Step, type StepRule, weightedSum } from './sampler.js';
export { ddim, ddimInversion, ddpm };

/** All samplers that walk from noise to data, for registries. */
export const samplers = [ddpm, ddim] as const;
