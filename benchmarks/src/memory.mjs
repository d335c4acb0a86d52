// Trains for thousands of steps and prints tensors and resident memory, which must stay flat.
// Run by hand: node benchmarks/src/memory.mjs [--steps N]
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { memory } from '@tensorflow/tfjs-core';
import { onnxBackend } from '@tweedie/backend-onnx';
import { noisePrediction } from '@tweedie/core';
import { simpleLoss } from '@tweedie/losses';
import { mlp, unet2d } from '@tweedie/networks';
import { linear } from '@tweedie/schedules';
import { train } from '@tweedie/training';
import { noiseData } from './noise-data.mjs';
import { table } from './table.mjs';

const { values } = parseArgs({ options: { steps: { type: 'string' } } });
setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc');

/** Rows of a series. */
const READINGS = 10;
/** Resident memory wavers with the garbage collector by a few percent. */
const SLACK = 0.1;

const runs = [
  { name: 'score MLP, batch 512', network: mlp({ timeScale: 0.001 }), batchSize: 512, steps: 2000 },
  {
    name: 'small U-Net, batch 16',
    network: unet2d({
      sampleSize: 28,
      inChannels: 1,
      outChannels: 1,
      blockOutChannels: [16, 32],
      downBlockTypes: ['DownBlock2D', 'AttnDownBlock2D'],
      upBlockTypes: ['AttnUpBlock2D', 'UpBlock2D'],
      layersPerBlock: 1,
      normNumGroups: 8,
    }),
    batchSize: 16,
    steps: 200,
  },
];

async function series({ network, batchSize, steps }) {
  const backend = onnxBackend();
  const training = train({
    model: { network, parameterization: noisePrediction(), schedule: linear() },
    loss: simpleLoss(),
    data: noiseData(network),
    backend,
    options: { steps, batchSize, learningRate: 1e-3, emaDecay: 0.999, clipNorm: 1 },
  });
  const readings = [];
  for await (const { step, loss } of training) {
    if (step % Math.ceil(steps / READINGS) !== 0) continue;
    collectGarbage();
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    readings.push({ step, loss, tensors: memory().numTensors, rss, heapUsed, arrayBuffers });
  }
  await training.dispose();
  await backend.dispose();
  return { readings, left: memory().numTensors };
}

const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(1);
let flat = true;
for (const run of runs) {
  const before = memory().numTensors;
  const { readings, left } = await series({ ...run, steps: Number(values.steps ?? run.steps) });
  console.log(`${run.name}\n`);
  console.log(
    table(
      ['step', 'tensors', 'resident MiB', 'heap MiB', 'array buffers MiB', 'loss'],
      readings.map(({ step, tensors, rss, heapUsed, arrayBuffers, loss }) => [
        String(step),
        String(tensors),
        megabytes(rss),
        megabytes(heapUsed),
        megabytes(arrayBuffers),
        loss.toFixed(4),
      ]),
    ),
  );
  const mean = (list) => list.reduce((sum, { rss }) => sum + rss, 0) / list.length;
  const middle = readings.length / 2;
  const growth = mean(readings.slice(middle)) / mean(readings.slice(0, middle)) - 1;
  const gained = readings.at(-1).tensors - readings[0].tensors;
  const good = gained === 0 && left === before && growth < SLACK;
  flat &&= good;
  console.log(
    `\n${good ? 'flat' : 'NOT FLAT'}: ${gained} tensors more at the last reading than at the first, ${left - before} left at the end; resident memory of the second half ${(100 * growth).toFixed(1)} % above the first\n`,
  );
}
process.exitCode = flat ? 0 : 1;
