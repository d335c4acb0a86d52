import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRng, floats, levelAt, noisePrediction } from '@tweedie/core';
import { simpleLoss } from '@tweedie/losses';
import { mlp, unet2d } from '@tweedie/networks';
import { linear } from '@tweedie/schedules';

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

/** What is timed. A `train` step ends with new parameters, a `sample` step with E[x₀ | x_t]. */
export const workloads = {
  mlp: {
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
    title: 'Sampling step of the U-Net: E[x₀ | x_t] of 64 images of 28×28×1',
    kind: 'sample',
    network: digitsUnet,
    batchSize: 64,
    batches: 0,
    round: { budget: 1500, atMost: 8 },
  },
};

/** Our model of a network's name and options. */
export function createModel({ name, options }) {
  return {
    network: { mlp, unet2d }[name](options),
    parameterization: noisePrediction(),
    schedule: linear(),
  };
}

/**
 * Writes a workload where every side reads it: initial parameters, batches and all that is drawn,
 * so that all compute the same numbers.
 *
 * @param items at most so many items of each batch
 */
export function writeWorkload(name, folder, items) {
  const workload = workloads[name];
  const model = createModel(workload.network);
  const rng = createRng(0);
  const batchSize = Math.min(items, workload.batchSize);
  const shape = [batchSize, ...model.network.itemShape];
  const arrays = [];

  for (const [key, value] of Object.entries(model.network.init(rng.fork('params')))) {
    arrays.push([`params/${key}`, value]);
  }
  const loss = simpleLoss();
  for (let i = 0; i < workload.batches; i++) {
    const batch = { x: rng.fork('data').fork(i).normal(shape) };
    const draws = loss.draw(model, batch, rng.fork('draws').fork(i));
    // With noise prediction the time input is the time itself.
    const levels = Array.from(draws.time.data, (t) => levelAt(model.schedule, t));
    arrays.push([`batch/${i}/x`, batch.x], [`batch/${i}/noise`, draws.noise]);
    for (const [key, of] of [
      ['time', 't'],
      ['alpha', 'alpha'],
      ['sigma', 'sigma'],
    ]) {
      arrays.push([`batch/${i}/${key}`, floats(levels.map((each) => each[of]))]);
    }
    // The same as our loss takes them.
    for (const [key, value] of Object.entries(draws)) {
      arrays.push([`draws/${i}/${key}`, value]);
    }
  }
  const level = levelAt(model.schedule, 500);
  if (workload.kind === 'sample') {
    arrays.push(['x', rng.fork('x').normal(shape)]);
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
