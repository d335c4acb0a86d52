// What int8 does to samples: their distance to the digits, the error of each prediction, and the time.
// See docs/int8.md.
//
//   node benchmarks/int8.mjs RUN [--count 1000] [--steps 25] [--threads 2]
//
// RUN is a run folder of a model of MNIST digits (`npm start` makes one in runs/digits). Without
// samples (--count 0) it takes a minute.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { describeMachine } from './speed/machine.mjs';
import { significant, table } from './speed/table.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '1000' },
    steps: { type: 'string', default: '25' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const [run] = positionals;
const [count, steps, threads] = [values.count, values.steps, values.threads].map(Number);
const isWhole = (n, least) => Number.isInteger(n) && n >= least;
if (run === undefined || !isWhole(count, 0) || !isWhole(steps, 1) || !isWhole(threads, 1)) {
  console.error('node benchmarks/int8.mjs RUN [--count 1000] [--steps 25] [--threads 2]');
  process.exit(2);
}

// Only now, because it needs the built packages.
const { onnxBackend } = await import('@tweedie/backend-onnx');
const { openModel, compare, time, benchmarkNetwork } = await import('./int8-quality/models.mjs');
const { quality } = await import('./int8-quality/quality.mjs');
const ratio = ({ float, int8 }) => significant(float / int8);
const say = (text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

const backend = onnxBackend({ threads, worker: 'never' });
try {
  const model = await openModel(run, steps);
  say(`${model.title}; calibrating`);
  const pair = await model.pair(backend);

  say('the error of single predictions');
  const errors = await compare(model, pair);
  say('time');
  const speeds = [
    ['the run’s network, batch 64', await time(pair, model.example(64))],
    await benchmarkNetwork(backend, 64),
  ];
  if (count > 0) say(`quality of ${count} samples of ${steps} steps each`);
  const distances = count === 0 ? [] : await quality(backend, model, pair, count, say);
  await pair.dispose();

  const facts = Object.entries(describeMachine()).map(([name, value]) => `- ${name}: ${value}`);
  console.log(`# int8 compared with float32

- ${new Date().toISOString().slice(0, 16).replace('T', ' ')}, \`node benchmarks/int8.mjs ${process.argv.slice(2).join(' ')}\`
- ${model.title}; DDIM of ${steps} steps; ${threads} threads
${facts.join('\n')}

${distances.length === 0 ? '' : `${table(['Fréchet distance to the test digits', 'distance', 'to float'], distances)}\n`}
${table(
  ['α of the level', 'error of ε̂ (rms), relative to ε̂'],
  errors.map(({ alpha, error }) => [significant(alpha), significant(error)]),
)}

${table(
  ['one prediction, ms (medians, alternating)', 'float32', 'int8', 'ratio'],
  speeds.flatMap(([name, { wall, processor }]) => [
    [name, significant(wall.float), significant(wall.int8), ratio(wall)],
    [
      '— processor time of all threads',
      significant(processor.float),
      significant(processor.int8),
      ratio(processor),
    ],
  ]),
)}`);
} finally {
  await backend.dispose();
}
