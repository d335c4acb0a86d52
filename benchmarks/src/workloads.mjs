import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRng, floats, levelAt } from '@tweedie/core';
import { createData, createLoss, createModel } from './plug-ins.mjs';

const adam = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

const scoreMlp = {
  name: 'mlp',
  options: { features: 2, widths: [128, 128, 128], timeEmbedding: 'raw', timeScale: 0.001 },
};

/** The U-Net of the digits: 28 by 28 by 1, three levels, attention at 7 by 7. */
const digitsUnet = {
  name: 'unet2d',
  options: {
    sampleSize: 28,
    inChannels: 1,
    outChannels: 1,
    blockOutChannels: [32, 64, 64],
    layersPerBlock: 2,
    downBlockTypes: ['DownBlock2D', 'DownBlock2D', 'AttnDownBlock2D'],
    upBlockTypes: ['AttnUpBlock2D', 'UpBlock2D', 'UpBlock2D'],
    normNumGroups: 8,
    attentionHeadDim: null,
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
  optimizer: { ...adam, weightDecay: 0 },
  emaRate: null,
  round: { budget: 500, atMost: 300 },
};

/** A training step of the toy, without noise or told the noise level at the input. */
function scoreMatching(what, name, options, reads) {
  const told = reads.includes('time');
  const timeEmbedding = told ? { timeEmbedding: 'raw', timeScale: 0.1 } : { timeEmbedding: 'none' };
  return {
    ...ncsnToy,
    title: `${what}: training step of ${told ? 3 : 2}→128→128→2, softplus, batch 512; loss, gradients, Adam`,
    network: {
      name: 'mlp',
      options: { features: 2, widths: [128, 128], activation: 'softplus', ...timeEmbedding },
    },
    loss: { name, options, reads },
  };
}

/** What is timed. A `train` step ends with new parameters, a `sample` step with E[x₀ | x_t]. */
export const workloads = {
  mlp: {
    ...ddpm,
    title:
      'Training step of the score MLP: 3→128→128→128→2, SiLU, batch 512; L_simple, gradients, Adam',
    kind: 'train',
    network: scoreMlp,
    batchSize: 512,
    batches: 8,
    optimizer: { ...adam, weightDecay: 0 },
    emaRate: null,
    /** What a side does in one round: at most so many milliseconds, at most so many steps. */
    round: { budget: 500, atMost: 300 },
  },
  'unet-train': {
    ...ddpm,
    title:
      'Training step of the U-Net: 28×28×1, channels 32, 64, 64, batch 64; L_simple, gradients, AdamW, EMA',
    kind: 'train',
    network: digitsUnet,
    batchSize: 64,
    batches: 4,
    optimizer: { ...adam, weightDecay: 0.01 },
    emaRate: 0.001,
    round: { budget: 3000, atMost: 5 },
  },
  'unet-sample': {
    ...ddpm,
    title: 'Sampling step of the U-Net: E[x₀ | x_t] of 64 images of 28×28×1',
    kind: 'sample',
    network: digitsUnet,
    batchSize: 64,
    batches: 0,
    round: { budget: 1500, atMost: 8 },
  },
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
}
