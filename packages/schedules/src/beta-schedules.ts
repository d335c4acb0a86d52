import { boolean, defineFactory, integer, number, numbers, TweedieError } from '@tweedie/core';
import { betaTable } from './beta-table.js';

const steps = integer({ default: 1000, min: 1, doc: 'number of noise levels T' });
const zeroTerminalSnr = boolean({
  default: false,
  doc: 'rescale so that the last level is pure noise (needs velocity or data prediction)',
});
const betaStart = number({ default: 1e-4, above: 0, below: 1, doc: 'β of the first step' });
const betaEnd = number({ default: 0.02, above: 0, below: 1, doc: 'β of the last step' });
const maxBeta = number({ default: 0.999, above: 0, below: 1, doc: 'no β is above this' });

/** `count` evenly spaced numbers from start to end, both included; start alone when count is 1. */
function evenly(start: number, end: number, count: number): number[] {
  const gap = count > 1 ? (end - start) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) =>
    i > 0 && i === count - 1 ? end : start + gap * i,
  );
}

/** β_i = 1 − ᾱ((i + 1)/T)/ᾱ(i/T), capped. Nichol & Dhariwal (2021), section 3.2. */
function betasOfAlphaBar(alphaBar: (u: number) => number, count: number, cap: number): number[] {
  return Array.from({ length: count }, (_, i) =>
    Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), cap),
  );
}

/** β linear in t. Ho et al., "Denoising diffusion probabilistic models" (2020), section 4. */
export const linear = defineFactory({
  owner: 'schedules',
  id: 'linear',
  doc: 'β grows linearly (DDPM)',
  source: 'Ho et al. 2020',
  options: { steps, betaStart, betaEnd, zeroTerminalSnr },
  create: (options) =>
    betaTable(
      'linear',
      evenly(options.betaStart, options.betaEnd, options.steps),
      options.zeroTerminalSnr,
    ),
});

/** √β linear in t, as in latent diffusion (Rombach et al. 2022). */
export const scaledLinear = defineFactory({
  owner: 'schedules',
  id: 'scaled-linear',
  doc: '√β grows linearly (latent diffusion)',
  source: 'Rombach et al. 2022',
  options: { steps, betaStart, betaEnd, zeroTerminalSnr },
  create: (options) =>
    betaTable(
      'scaled-linear',
      evenly(Math.sqrt(options.betaStart), Math.sqrt(options.betaEnd), options.steps).map(
        (root) => root ** 2,
      ),
      options.zeroTerminalSnr,
    ),
});

/**
 * ᾱ(u) = cos²((u + s)/(1 + s) · π/2). Nichol & Dhariwal, "Improved denoising diffusion
 * probabilistic models" (2021), eq. 17; diffusers calls it squaredcos_cap_v2.
 */
export const cosine = defineFactory({
  owner: 'schedules',
  id: 'cosine',
  doc: 'ᾱ falls as a squared cosine (improved DDPM)',
  source: 'Nichol & Dhariwal 2021, eq. 17',
  options: {
    steps,
    offset: number({ default: 0.008, min: 0, doc: 's, which keeps the first β from vanishing' }),
    maxBeta,
    zeroTerminalSnr,
  },
  create: ({ steps, offset, maxBeta, zeroTerminalSnr }) => {
    const alphaBar = (u: number) => Math.cos((((u + offset) / (1 + offset)) * Math.PI) / 2) ** 2;
    return betaTable('cosine', betasOfAlphaBar(alphaBar, steps, maxBeta), zeroTerminalSnr);
  },
});

/** β = β_start + (β_end − β_start) · sigmoid(−6 … 6), from GeoDiff (Xu et al. 2022). */
export const sigmoid = defineFactory({
  owner: 'schedules',
  id: 'sigmoid',
  doc: 'β grows as a sigmoid (GeoDiff)',
  source: 'Xu et al. 2022 (GeoDiff)',
  options: { steps, betaStart, betaEnd, zeroTerminalSnr },
  create: (options) =>
    betaTable(
      'sigmoid',
      evenly(-6, 6, options.steps).map(
        (z) => options.betaStart + (options.betaEnd - options.betaStart) / (1 + Math.exp(-z)),
      ),
      options.zeroTerminalSnr,
    ),
});

/**
 * The Laplace schedule of Hang et al., "Improved noise schedule for diffusion training" (2024), as
 * diffusers defines it: ln SNR(u) is the quantile function of a Laplace distribution and
 * ᾱ = √(SNR/(1 + SNR)).
 */
export const laplace = defineFactory({
  owner: 'schedules',
  id: 'laplace',
  doc: 'most steps at middle noise: log-SNR is Laplace-distributed',
  source: 'Hang et al. 2024, as in diffusers',
  options: { steps, maxBeta, zeroTerminalSnr },
  create: ({ steps, maxBeta, zeroTerminalSnr }) => {
    const alphaBar = (u: number) => {
      const side = u <= 0.5 ? 1 : -1;
      const snr = Math.exp(-0.5 * side * Math.log(1 - 2 * Math.abs(0.5 - u) + 1e-6));
      return Math.sqrt(snr / (1 + snr));
    };
    return betaTable('laplace', betasOfAlphaBar(alphaBar, steps, maxBeta), zeroTerminalSnr);
  },
});

/** A schedule from a list of β, as stored beside a trained model. */
export const fromBetas = defineFactory({
  owner: 'schedules',
  id: 'betas',
  doc: 'the β of each step, as a list',
  options: {
    betas: numbers({ default: null, doc: 'β of each step, each above 0 and below 1' }),
    zeroTerminalSnr,
  },
  create: ({ betas, zeroTerminalSnr }) => {
    if (betas === null) {
      throw new TweedieError({
        code: 'INVALID_OPTION',
        package: 'schedules',
        given: 'betas: no list of β is given',
        allowed: 'numbers above 0 and below 1',
        fix: 'pass { betas: [...] }',
      });
    }
    return betaTable('betas', betas, zeroTerminalSnr);
  },
});
