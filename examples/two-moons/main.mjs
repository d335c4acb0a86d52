// A diffusion model of two moons, composed by hand: each line is a part that can be swapped.

import { toHost } from '@tweedie/autodiff';
import { onnxBackend } from '@tweedie/backend-onnx';
import { createRng, noisePrediction } from '@tweedie/core';
import { twoMoons } from '@tweedie/data';
import { createDenoiser } from '@tweedie/denoisers';
import { simpleLoss } from '@tweedie/losses';
import { mlp } from '@tweedie/networks';
import { ddim, initialNoise, runSampler } from '@tweedie/samplers';
import { cosine, trailingGrid } from '@tweedie/schedules';
import { train } from '@tweedie/training';

const backend = onnxBackend();
const model = {
  // λ itself is the smoothest thing to tell a small network of the noise.
  network: mlp({ widths: [256, 256, 256], timeEmbedding: 'raw' }),
  parameterization: noisePrediction({ conditionOn: 'halfLogSnr' }),
  schedule: cosine(),
};

const training = train({
  model,
  loss: simpleLoss(),
  data: twoMoons(),
  backend,
  options: { steps: 3000, batchSize: 512, learningRate: 2e-3, decay: 'cosine', emaDecay: 0.99 },
});
for await (const { step, loss } of training) {
  if (step % 500 === 0) console.log(`step ${step}   loss ${loss.toFixed(3)}`);
}

const denoiser = createDenoiser({ model, params: await training.weights('ema'), backend });
const grid = trailingGrid(model.schedule, 50);
const rng = createRng(0);
const start = initialNoise(rng.fork('start'), [1000, 2], grid[0]);
const samples = await runSampler(ddim({ clip: 3 }), denoiser, start, grid, { rng });

console.log(drawPoints((await toHost(samples)).data));
for (const tensor of [start, samples]) tensor.dispose();
await denoiser.dispose();
await training.dispose();
await backend.dispose();

/** 2-D points as letters: where there are more, the letter is heavier. */
function drawPoints(points, columns = 64, rows = 24) {
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  const place = (value, values, cells) => {
    const low = Math.min(...values);
    const high = Math.max(...values);
    return Math.min(cells - 1, Math.floor(((value - low) / (high - low)) * cells));
  };
  const counts = Array.from({ length: rows }, () => new Array(columns).fill(0));
  xs.forEach((x, i) => {
    counts[rows - 1 - place(ys[i], ys, rows)][place(x, xs, columns)]++;
  });
  return counts.map((row) => row.map((n) => ' .:*#@'[Math.min(5, n)]).join('')).join('\n');
}
