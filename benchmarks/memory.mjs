// Trains for thousands of steps, in the calling thread and in a worker, then makes and disposes
// compiled functions, and prints tensors and resident memory, which must stay flat.
// Run by hand: node benchmarks/memory.mjs [--steps N]
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { dispose, fill, memory, mul, sum, zeros } from '@tensorflow/tfjs-core';
import { onnxBackend } from '@tweedie/backend-onnx';
import { noisePrediction } from '@tweedie/core';
import { simpleLoss } from '@tweedie/losses';
import { mlp, unet2d } from '@tweedie/networks';
import { linear } from '@tweedie/schedules';
import { train } from '@tweedie/training';
import { noiseData } from './speed/noise-data.mjs';
import { table } from './speed/table.mjs';

const { values } = parseArgs({ options: { steps: { type: 'string' } } });
setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc');

/** Rows of a series. */
const READINGS = 10;
/** Resident memory wavers with the garbage collector by a few percent. */
const SLACK = 0.1;
/** Compiled functions that are made and disposed, and the floats that each holds as a constant. */
const FUNCTIONS = 50;
const CONSTANTS = 1_000_000;
const workers = ['never', 'always'];

const runs = [
  { name: 'score MLP, batch 512', network: mlp({ timeScale: 0.001 }), batchSize: 512, steps: 5000 },
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

function reading() {
  collectGarbage();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { tensors: memory().numTensors, rss, heapUsed, arrayBuffers };
}

async function series({ network, batchSize, steps, worker }) {
  const backend = onnxBackend({ worker });
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
    readings.push({ step, loss, ...reading() });
  }
  await training.dispose();
  await backend.dispose();
  return { readings, left: memory().numTensors };
}

/** Compiles, runs and disposes one function after another, each with a constant of its own. */
async function functions(worker) {
  const backend = onnxBackend({ worker });
  const x = zeros([CONSTANTS]);
  const readings = [];
  for (let step = 1; step <= 2 * FUNCTIONS; step++) {
    const constant = fill([CONSTANTS], step);
    const run = backend.compile((t) => sum(mul(t, constant)));
    dispose(await run(x));
    await run.dispose();
    constant.dispose();
    // Those of the first half warm up the allocators.
    if (step > FUNCTIONS && step % (FUNCTIONS / READINGS) === 0) {
      readings.push({ step, ...reading() });
    }
  }
  x.dispose();
  await backend.dispose();
  return { readings, left: memory().numTensors };
}

const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(1);
const mean = (list) => list.reduce((total, { rss }) => total + rss, 0) / list.length;

/** Prints the readings of a run and gives whether they are flat. */
function report(name, { readings, left }, before) {
  console.log(`${name}\n`);
  console.log(
    table(
      ['step', 'tensors', 'resident MiB', 'heap MiB', 'array buffers MiB', 'loss'],
      readings.map(({ step, tensors, rss, heapUsed, arrayBuffers, loss }) => [
        String(step),
        String(tensors),
        megabytes(rss),
        megabytes(heapUsed),
        megabytes(arrayBuffers),
        loss?.toFixed(4) ?? '',
      ]),
    ),
  );
  const middle = readings.length / 2;
  const growth = mean(readings.slice(middle)) / mean(readings.slice(0, middle)) - 1;
  const gained = readings.at(-1).tensors - readings[0].tensors;
  const good = gained === 0 && left === before && growth < SLACK;
  console.log(
    `\n${good ? 'flat' : 'NOT FLAT'}: ${gained} tensors more at the last reading than at the first, ${left - before} left at the end; resident memory of the second half ${(100 * growth).toFixed(1)} % above the first\n`,
  );
  return good;
}

let flat = true;
for (const run of runs) {
  for (const worker of workers) {
    const before = memory().numTensors;
    const measured = await series({ ...run, worker, steps: Number(values.steps ?? run.steps) });
    flat = report(`${run.name}; worker: ${worker}`, measured, before) && flat;
  }
}
for (const worker of workers) {
  const before = memory().numTensors;
  const name = `${FUNCTIONS} compiled functions, made and disposed; worker: ${worker}`;
  flat = report(name, await functions(worker), before) && flat;
}
process.exitCode = flat ? 0 : 1;
