import { nearestName, TweedieError } from '@tweedie/core';
import type { RunConfig } from './run-config-form.js';

/** A configuration with a name that is known to work, and what to expect of it. */
export interface Recipe {
  readonly id: string;
  readonly doc: string;
  readonly config: RunConfig;
}

function recipe(id: string, doc: string, config: Omit<RunConfig, 'recipe'>): Recipe {
  return { id, doc, config: { recipe: id, ...config } };
}

/** The U-Net of the image recipes: small enough to learn digits in minutes on two cores. */
const smallUnet = {
  name: 'unet2d',
  options: {
    sampleSize: 28,
    inChannels: 1,
    outChannels: 1,
    blockOutChannels: [16, 32, 64],
    downBlockTypes: ['DownBlock2D', 'DownBlock2D', 'AttnDownBlock2D'],
    upBlockTypes: ['AttnUpBlock2D', 'UpBlock2D', 'UpBlock2D'],
    layersPerBlock: 1,
    normNumGroups: 8,
    attentionHeadDim: null,
    zeroInitOutput: true,
  },
} as const;

const imageTraining = {
  steps: 1500,
  batchSize: 64,
  learningRate: 2e-3,
  warmupSteps: 50,
  decay: 'cosine',
  clipNorm: 1,
  emaDecay: 0.995,
} as const;

/** Squares of the last hundred gradients: those of the first steps are far larger. */
const imageOptimizer = { name: 'adamw', options: { beta2: 0.99 } } as const;

const imageSampling = {
  sampler: { name: 'ddpm', options: { clip: 1 } },
  grid: { name: 'trailing', options: { steps: 100 } },
  batchSize: 16,
} as const;

/**
 * Predicting the velocity and weighting its error evenly: in a short training it learns the large
 * shapes, which are decided at high noise, sooner than L_simple on the noise does.
 */
const velocity = {
  parameterization: { name: 'velocity', options: {} },
  loss: { name: 'simple', options: { weighting: 'velocity' } },
} as const;

/** Levels of NCSN's noise. */
const noiseLevels = 12;

/** Every recipe that comes with Tweedie. */
export const recipes: readonly Recipe[] = [
  recipe('ddpm-mnist', 'DDPM on the handwritten digits of MNIST, minutes on two cores', {
    data: { name: 'mnist', options: {} },
    network: smallUnet,
    schedule: { name: 'cosine', options: {} },
    ...velocity,
    optimizer: imageOptimizer,
    training: imageTraining,
    sampling: imageSampling,
  }),
  recipe('ddpm-fashion-mnist', 'DDPM on the clothes of Fashion-MNIST', {
    data: { name: 'fashion-mnist', options: {} },
    network: smallUnet,
    schedule: { name: 'cosine', options: {} },
    ...velocity,
    optimizer: imageOptimizer,
    training: { ...imageTraining, steps: 3000 },
    sampling: imageSampling,
  }),
  recipe('ncsn-mnist', 'NCSN on the digits of MNIST by annealed Langevin, half an hour', {
    data: { name: 'mnist', options: {} },
    network: {
      name: 'refinenet',
      options: {
        sampleSize: 28,
        channels: 1,
        ngf: 16,
        dilations: [1, 1, 1, 2],
        levels: noiseLevels,
      },
    },
    // From about half the distance between digits, where one level's samples may become any digit,
    // to noise that is hardly seen, in NCSN's ratio of 1.6.
    schedule: { name: 'geometric', options: { steps: noiseLevels, sigmaMin: 0.05, sigmaMax: 10 } },
    // Inputs and targets of one size at all levels; a score as such spans three powers of ten, which
    // a short training does not get over.
    parameterization: { name: 'edm', options: { sigmaData: 0.8, conditionOn: 'time' } },
    // λ = σ³ looks most at the middle levels, where digits take their shapes.
    loss: { name: 'denoising-score-matching', options: { power: 3, times: 'lowDiscrepancy' } },
    optimizer: imageOptimizer,
    training: { ...imageTraining, steps: 2400 },
    sampling: {
      sampler: { name: 'annealed-langevin', options: { stepsPerLevel: 100 } },
      grid: { name: 'full', options: {} },
      batchSize: 16,
    },
  }),
  recipe('ncsn-toy', 'NCSN on two far Gaussians in the plane, the figures of its paper', {
    data: { name: 'ncsn-mixture', options: {} },
    network: {
      name: 'mlp',
      options: { widths: [128, 128], activation: 'softplus', timeEmbedding: 'raw' },
    },
    schedule: { name: 'geometric', options: { steps: 10, sigmaMin: 1, sigmaMax: 20 } },
    parameterization: { name: 'noise', options: { conditionOn: 'logSigma' } },
    loss: { name: 'denoising-score-matching', options: {} },
    optimizer: { name: 'adamw', options: {} },
    training: {
      steps: 3000,
      batchSize: 512,
      learningRate: 2e-3,
      decay: 'cosine',
      clipNorm: 5,
      emaDecay: 0.99,
    },
    sampling: {
      // The data have the last level's noise, as in the paper; with `denoise` it would be taken off.
      sampler: { name: 'annealed-langevin', options: { stepSize: 0.1, denoise: false } },
      grid: { name: 'full', options: {} },
      batchSize: 256,
    },
  }),
  recipe('ddpm-moons', 'DDPM on two moons in the plane, under a minute on two idle cores', {
    data: { name: 'two-moons', options: {} },
    // λ itself is the smoothest function of the noise level for a small network.
    network: { name: 'mlp', options: { widths: [256, 256, 256], timeEmbedding: 'raw' } },
    schedule: { name: 'cosine', options: {} },
    parameterization: { name: 'noise', options: { conditionOn: 'halfLogSnr' } },
    loss: { name: 'simple', options: {} },
    optimizer: { name: 'adamw', options: {} },
    training: {
      steps: 5000,
      batchSize: 512,
      learningRate: 2e-3,
      warmupSteps: 100,
      decay: 'cosine',
      clipNorm: 1,
      emaDecay: 0.99,
    },
    sampling: {
      sampler: { name: 'ddpm', options: { clip: 3 } },
      grid: { name: 'trailing', options: { steps: 100 } },
      batchSize: 256,
    },
  }),
];

/**
 * A recipe by its name.
 *
 * @param more recipes of the user, which come before ours of the same name
 * @throws TweedieError UNKNOWN_NAME
 */
export function findRecipe(id: string, more: readonly Recipe[] = []): Recipe {
  const known = [...more, ...recipes];
  const found = known.find((candidate) => candidate.id === id);
  if (found !== undefined) return found;
  const names = known.map((candidate) => candidate.id);
  const near = nearestName(id, names);
  throw new TweedieError({
    code: 'UNKNOWN_NAME',
    package: 'tweedie',
    given: `there is no recipe '${id}'`,
    allowed: names.join(', '),
    suggestion: near,
  });
}
