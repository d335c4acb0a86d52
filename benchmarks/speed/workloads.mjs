import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRng, floats, levelAt } from '@tweedie/core';
import { createData } from './data.mjs';
import { createLoss, createModel } from './plug-ins.mjs';

const adam = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** A score MLP on 2-D points, with the time as an input. */
const scoreMlp = (widths) => ({
  name: 'mlp',
  options: { features: 2, widths, timeEmbedding: 'raw', timeScale: 0.001 },
});

/** A U-Net of the digits: 28 by 28 by 1, three levels, attention at 7 by 7. */
const digitsUnet = (blockOutChannels) => ({
  name: 'unet2d',
  options: {
    sampleSize: 28,
    inChannels: 1,
    outChannels: 1,
    blockOutChannels,
    layersPerBlock: 2,
    downBlockTypes: ['DownBlock2D', 'DownBlock2D', 'AttnDownBlock2D'],
    upBlockTypes: ['AttnUpBlock2D', 'UpBlock2D', 'UpBlock2D'],
    normNumGroups: 8,
    attentionHeadDim: null,
  },
});

/** The U-Net of DDPM on CIFAR-10, as diffusers' google/ddpm-cifar10-32 has it: 35.7 M parameters. */
const cifarUnet = {
  name: 'unet2d',
  options: {
    sampleSize: 32,
    inChannels: 3,
    outChannels: 3,
    blockOutChannels: [128, 256, 256, 256],
    layersPerBlock: 2,
    downBlockTypes: ['DownBlock2D', 'AttnDownBlock2D', 'DownBlock2D', 'DownBlock2D'],
    upBlockTypes: ['UpBlock2D', 'UpBlock2D', 'AttnUpBlock2D', 'UpBlock2D'],
    normNumGroups: 32,
    normEps: 1e-6,
    attentionHeadDim: null,
    downsamplePadding: 0,
    flipSinToCos: false,
    freqShift: 1,
  },
};

/** DDPM's model and objective. What a loss `reads` of a batch beside x is written for all sides. */
const ddpm = {
  parameterization: { name: 'noise' },
  schedule: { name: 'linear' },
  loss: { name: 'simple', options: {}, reads: ['noise', 'time', 'alpha', 'sigma'] },
};

/** NCSN's toy (Song & Ermon 2019, section 3.2): two Gaussians and a small softplus network. */
const ncsnToy = {
  kind: 'train',
  parameterization: { name: 'score' },
  schedule: { name: 'geometric', options: { steps: 10, sigmaMin: 1, sigmaMax: 20 } },
  data: { name: 'ncsn-mixture' },
  batchSize: 512,
  batches: 8,
  stepsPerRun: 16,
  optimizer: { ...adam, weightDecay: 0 },
  emaRate: null,
  round: { budget: 500, atMost: 300 },
};

/** A training step of the toy, without noise or with the noise level as an input. */
function scoreMatching(what, name, options, reads) {
  const hasTime = reads.includes('time');
  const timeEmbedding = hasTime
    ? { timeEmbedding: 'raw', timeScale: 0.1 }
    : { timeEmbedding: 'none' };
  return {
    ...ncsnToy,
    title: `${what}: training step of ${hasTime ? 3 : 2}→128→128→2, softplus, batch 512; loss, gradients, Adam`,
    network: {
      name: 'mlp',
      options: { features: 2, widths: [128, 128], activation: 'softplus', ...timeEmbedding },
    },
    loss: { name, options, reads },
  };
}

/** A training step of DDPM's objective; `round` is what a side does in one round: at most so many
 * milliseconds, at most so many steps. */
const ddpmTraining = { ...ddpm, kind: 'train', counted: true };
/** A sampling step; nothing of it is drawn anew, and weights stay as they are. */
const ddpmSampling = { ...ddpm, kind: 'sample', counted: true, batches: 0 };

const small = { budget: 500, atMost: 300 };
const plainAdam = { optimizer: { ...adam, weightDecay: 0 }, emaRate: null };
const digitsOptimizer = { optimizer: { ...adam, weightDecay: 0.01 }, emaRate: 0.001 };

const mlpTraining = {
  ...ddpmTraining,
  title:
    'Training step of the score MLP: 3→128→128→128→2, SiLU, batch 512; L_simple, gradients, Adam',
  network: scoreMlp([128, 128, 128]),
  batchSize: 512,
  batches: 8,
  /** In one run, on the sides that have such runs: ours (`scan`) and JAX (`lax.scan`). */
  stepsPerRun: 16,
  ...plainAdam,
  round: small,
};

/**
 * What is timed. A `train` step ends with new parameters, a `sample` step with E[x₀ | x_t]. `counted`
 * are those whose multiply-adds are known; a workload is `tunedLike` another whose settings of PyTorch
 * serve it in a quick run.
 */
export const workloads = {
  mlp: mlpTraining,
  'mlp-sample': {
    ...ddpmSampling,
    title: 'Sampling step of the score MLP: E[x₀ | x_t] of 512 points',
    network: scoreMlp([128, 128, 128]),
    batchSize: 512,
    tunedLike: 'mlp',
    round: small,
  },
  'mlp-wide': {
    ...ddpmTraining,
    title:
      'Training step of a wider MLP: 3→256→256→256→256→2, SiLU, batch 2048; L_simple, gradients, Adam',
    network: scoreMlp([256, 256, 256, 256]),
    batchSize: 2048,
    batches: 8,
    ...plainAdam,
    round: { budget: 1000, atMost: 100 },
  },
  'mlp-wide-sample': {
    ...ddpmSampling,
    title: 'Sampling step of the wider MLP: E[x₀ | x_t] of 2048 points',
    network: scoreMlp([256, 256, 256, 256]),
    batchSize: 2048,
    tunedLike: 'mlp-wide',
    round: { budget: 500, atMost: 100 },
  },
  'unet-train': {
    ...ddpmTraining,
    title:
      'Training step of the U-Net: 28×28×1, channels 32, 64, 64, batch 64; L_simple, gradients, AdamW, EMA',
    network: digitsUnet([32, 64, 64]),
    batchSize: 64,
    batches: 4,
    ...digitsOptimizer,
    round: { budget: 3000, atMost: 5 },
  },
  'unet-sample': {
    ...ddpmSampling,
    title: 'Sampling step of the U-Net: E[x₀ | x_t] of 64 images of 28×28×1',
    network: digitsUnet([32, 64, 64]),
    batchSize: 64,
    tunedLike: 'unet-train',
    round: { budget: 1500, atMost: 8 },
  },
  'unet64-train': {
    ...ddpmTraining,
    title:
      'Training step of the wider U-Net: 28×28×1, channels 64, 128, 128, batch 64; L_simple, gradients, AdamW, EMA',
    network: digitsUnet([64, 128, 128]),
    batchSize: 64,
    batches: 2,
    ...digitsOptimizer,
    tunedLike: 'unet-train',
    round: { budget: 4000, atMost: 3 },
  },
  'unet64-sample': {
    ...ddpmSampling,
    title: 'Sampling step of the wider U-Net: E[x₀ | x_t] of 64 images of 28×28×1',
    network: digitsUnet([64, 128, 128]),
    batchSize: 64,
    tunedLike: 'unet-sample',
    round: { budget: 2000, atMost: 5 },
  },
  'cifar-forward': {
    ...ddpmSampling,
    title:
      'Sampling step of DDPM’s U-Net of CIFAR-10 (google/ddpm-cifar10-32): E[x₀ | x_t] of 4 images of 32×32×3',
    network: cifarUnet,
    batchSize: 4,
    tunedLike: 'unet-sample',
    round: { budget: 2000, atMost: 8 },
  },
  'browser-mlp': { ...mlpTraining, title: `In Chromium: ${mlpTraining.title}` },
  esm: scoreMatching('Explicit score matching', 'explicit-score-matching', {}, ['target']),
  ism: scoreMatching('Implicit score matching', 'implicit-score-matching', {}, []),
  'ism-hutchinson': scoreMatching(
    'Implicit score matching with Hutchinson’s probes',
    'implicit-score-matching',
    { trace: 'hutchinson' },
    ['projection'],
  ),
  ssm: scoreMatching(
    'Sliced score matching',
    'sliced-score-matching',
    { varianceReduction: false },
    ['projection'],
  ),
  'ssm-vr': scoreMatching(
    'Sliced score matching with variance reduction',
    'sliced-score-matching',
    {},
    ['projection'],
  ),
  'ssm-fd': scoreMatching(
    'Sliced score matching by finite differences',
    'sliced-score-matching',
    { finiteDifference: 0.1 },
    ['projection'],
  ),
  'ssm-vr-levels': scoreMatching(
    'Annealed sliced score matching over 10 noise levels',
    'sliced-score-matching',
    { noise: 'schedule' },
    ['noise', 'time', 'sigma', 'projection'],
  ),
  dsm: scoreMatching(
    'Denoising score matching over 10 noise levels (NCSN)',
    'denoising-score-matching',
    {},
    ['noise', 'time', 'sigma'],
  ),
};

/**
 * Writes a workload where every side reads it: initial parameters, batches and all that is drawn,
 * so that all compute the same numbers.
 *
 * @param items at most so many items of each batch
 * @returns the description that it wrote, workload.json
 */
export function writeWorkload(name, folder, items) {
  const workload = workloads[name];
  const model = createModel(workload);
  const loss = createLoss(workload);
  const data = createData(workload, model);
  const rng = createRng(0);
  const batchSize = Math.min(items, workload.batchSize);
  const arrays = [];

  for (const [key, value] of Object.entries(model.network.init(rng.fork('params')))) {
    arrays.push([`params/${key}`, value]);
  }
  for (let i = 0; i < workload.batches; i++) {
    const batch = data.batch(rng.fork('data'), i, batchSize);
    const draws = loss.draw(model, batch, rng.fork('draws').fork(i));
    // With noise and with score prediction the time input is the time itself.
    const levels = Array.from(draws.time.data, (t) => levelAt(model.schedule, t));
    const known = {
      ...draws,
      alpha: floats(levels.map(({ alpha }) => alpha)),
      sigma: floats(levels.map(({ sigma }) => sigma)),
    };
    arrays.push([`batch/${i}/x`, batch.x]);
    for (const key of workload.loss.reads) arrays.push([`batch/${i}/${key}`, known[key]]);
    // The same as our loss takes them.
    for (const [key, value] of Object.entries(draws)) {
      arrays.push([`draws/${i}/${key}`, value]);
    }
  }
  let level;
  if (workload.kind === 'sample') {
    level = levelAt(model.schedule, 500);
    arrays.push(['x', rng.fork('x').normal([batchSize, ...model.network.itemShape])]);
    arrays.push(['time', floats(new Array(batchSize).fill(level.t))]);
  }

  let offset = 0;
  const entries = arrays.map(([key, value]) => {
    const entry = { name: key, shape: value.shape, offset };
    offset += value.data.length;
    return entry;
  });
  const description = {
    ...workload,
    batchSize,
    network: { name: workload.network.name, options: model.network.config },
    loss: { name: loss.name, options: loss.config },
    level,
    arrays: entries,
  };
  writeFileSync(join(folder, 'workload.json'), JSON.stringify(description));
  writeFileSync(
    join(folder, 'arrays.bin'),
    Buffer.concat(
      arrays.map(([, { data }]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
    ),
  );
  return description;
}
