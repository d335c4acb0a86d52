// A line each: what is exported here is exported by the package and listed in `samplers`.
export { annealedLangevin } from './annealed-langevin.js';
export { ddim } from './ddim.js';
export { ddpm } from './ddpm.js';
export { dpmpp2m } from './dpmpp-2m.js';
export { heun } from './heun.js';
export { langevin } from './langevin.js';
export { predictorCorrector } from './predictor-corrector.js';
