import * as tf from '@tensorflow/tfjs-core';
import {
  attention,
  conv2d,
  disposeTree,
  groupNorm,
  logSoftmax,
  silu,
  toHost,
  toTensor,
  upsampleNearest,
  valueAndGrad,
} from '@tweedie/autodiff';
import {
  type Backend,
  createRng,
  type FloatArray,
  floats,
  ints,
  noisePrediction,
  type PureFunction,
  TweedieError,
} from '@tweedie/core';
import { simpleLoss } from '@tweedie/losses';
import { createDenoiser, mlp, unet2d } from '@tweedie/networks';
import { linear } from '@tweedie/schedules';
import { train } from '@tweedie/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BackendName, backendNames, openBackend } from './backends.js';

/** One thing that models need: a function of tensors, and what its inputs look like. */
interface Feature {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly fn: (...x: tf.Tensor[]) => tf.Tensor;
  /** Inputs are drawn from here; away from poles. */
  readonly range?: readonly [number, number];
}

const feature = (
  name: string,
  shapes: Feature['shapes'],
  fn: Feature['fn'],
  range?: Feature['range'],
): Feature => ({ name, shapes, fn, ...(range === undefined ? {} : { range }) });

const positive = [0.5, 2] as const;
const indices = () => tf.tensor1d([2, 0, 2], 'int32');
const features: readonly Feature[] = [
  feature(
    'arithmetic with broadcasting',
    [
      [3, 1, 4],
      [2, 1],
    ],
    (a, b) => tf.div(tf.mul(tf.add(a!, b!), tf.sub(a!, b!)), tf.add(tf.square(b!), 1)),
  ),
  feature(
    'exp, log, sqrt, pow',
    [[2, 5], [5]],
    (a, b) => tf.add(tf.pow(a!, b!), tf.mul(tf.exp(b!), tf.log(tf.sqrt(a!)))),
    positive,
  ),
  feature('sigmoid, tanh, softplus, SiLU, erf', [[2, 5]], (x) =>
    tf.addN([tf.sigmoid(x!), tf.tanh(x!), tf.softplus(x!), silu(x!), tf.erf(x!)]),
  ),
  feature('sin, cos', [[2, 5]], (x) => tf.mul(tf.sin(x!), tf.cos(x!))),
  feature('comparison and where', [[2, 5]], (x) =>
    tf.where(tf.greater(x!, 10), tf.square(x!), tf.sin(x!)),
  ),
  feature('clip, maximum, minimum', [[2, 5], [5]], (a, b) =>
    tf.add(tf.clipByValue(a!, -9, 9), tf.maximum(a!, tf.minimum(b!, tf.sub(a!, 5)))),
  ),
  feature('sum, mean, max', [[3, 4, 2]], (x) =>
    tf.add(tf.add(tf.sum(tf.square(x!), 1), tf.mean(tf.sin(x!), 1)), tf.max(x!, 1)),
  ),
  feature('softmax, log-softmax', [[3, 4]], (x) => tf.mul(tf.softmax(x!), logSoftmax(x!))),
  feature('reshape, transpose, reverse', [[2, 3, 4]], (x) =>
    tf.mul(tf.reverse(tf.transpose(tf.reshape(x!, [4, 6])), 0), 2),
  ),
  feature('slice, pad, tile', [[3, 4]], (x) =>
    tf.tile(
      tf.pad(tf.slice(tf.square(x!), [1, 0], [2, 3]), [
        [1, 0],
        [0, 2],
      ]),
      [2, 1],
    ),
  ),
  feature('split, concat, stack', [[6], [2]], (a, b) => {
    const [first, second] = tf.split(a!, [2, 4]);
    return tf.mul(tf.sum(tf.square(second!)), tf.stack([first!, tf.sin(b!)]));
  }),
  feature('gather (embeddings)', [[4, 3]], (x) => tf.square(tf.gather(x!, indices(), 0))),
  feature('cumulative sum', [[3, 4]], (x) => tf.square(tf.cumsum(x!, 1))),
  feature(
    'matrix product, batched, transposed',
    [
      [2, 3, 4],
      [2, 5, 4],
    ],
    (a, b) => tf.square(tf.matMul(a!, b!, false, true)),
  ),
  feature('convolution', [[2, 5, 6, 3], [4, 3, 3, 3], [4]], (x, w, b) =>
    conv2d(x!, w!, b!, { padding: 1 }),
  ),
  feature(
    'convolution, stride 2',
    [
      [2, 6, 6, 3],
      [4, 3, 3, 3],
    ],
    (x, w) => conv2d(x!, w!, undefined, { stride: 2, padding: [0, 1, 0, 1] }),
  ),
  feature(
    'convolution of 32 channels',
    [
      [2, 6, 6, 32],
      [32, 32, 3, 3],
    ],
    (x, w) => conv2d(x!, w!, undefined, { padding: 1 }),
  ),
  feature('group norm with SiLU', [[2, 4, 4, 8], [8], [8]], (x, s, o) =>
    groupNorm(x!, s!, o!, { groups: 2, activation: 'silu' }),
  ),
  feature('nearest up-sampling', [[2, 3, 4, 2]], (x) => tf.square(upsampleNearest(x!, 2))),
  feature(
    'attention',
    [
      [2, 3, 4],
      [2, 5, 4],
      [2, 5, 4],
    ],
    (q, k, v) => attention(q!, k!, v!),
  ),
];

const orders = ['value', 'gradient', 'second'] as const;
type Order = (typeof orders)[number];

const asParams = (xs: readonly tf.Tensor[]) => Object.fromEntries(xs.map((x, i) => [String(i), x]));
const asList = (params: Readonly<Record<string, tf.Tensor>>, count: number) =>
  Array.from({ length: count }, (_, i) => params[String(i)]!);

/** The program of a feature: its value, its gradients, or the gradients of a slope. */
function program({ fn }: Feature, order: Order): PureFunction {
  const total = (xs: readonly tf.Tensor[]) => tf.mean(tf.square(fn(...xs)));
  const slopes = (xs: readonly tf.Tensor[]) => {
    const { grads } = valueAndGrad((params) => total(asList(params, xs.length)))(asParams(xs));
    return asList(grads, xs.length);
  };
  if (order === 'value') return (...xs: tf.Tensor[]) => [fn(...xs)];
  if (order === 'gradient') return (...xs: tf.Tensor[]) => slopes(xs);
  return (...xs: tf.Tensor[]) => {
    const squared = (at: readonly tf.Tensor[]) =>
      tf.addN(slopes(at).map((slope) => tf.sum(tf.square(slope))));
    const { grads } = valueAndGrad((params) => squared(asList(params, xs.length)))(asParams(xs));
    return asList(grads, xs.length);
  };
}

/**
 * What is known not to work, with its reason; anything else that fails fails the test, and so does
 * an entry that has come to work.
 */
const exclusions: readonly {
  readonly backend: BackendName;
  readonly feature: string;
  readonly order: Order;
  readonly reason: string;
}[] = (['gradient', 'second'] as const).map((order) => ({
  backend: 'wasm',
  feature: 'gather (embeddings)',
  order,
  reason: "tfjs's wasm backend has no UnsortedSegmentSum; embed by a one-hot matrix product",
}));

const rng = createRng(11);
const open = new Map<BackendName, Backend>();
const results = new Map<string, string>();
const cell = (name: string, order: Order | 'works', backend: BackendName) =>
  `${name}|${order}|${backend}`;

async function compute(backend: Backend, example: Feature, order: Order): Promise<FloatArray[]> {
  await tf.setBackend(backend.tensorBackend);
  const stream = rng.fork(example.name);
  const [low, high] = example.range ?? [-1.5, 1.5];
  const inputs = example.shapes.map((shape, i) =>
    toTensor(stream.fork(i).uniform(shape, low, high)),
  );
  const compiled = backend.compile(program(example, order));
  try {
    const outputs: tf.Tensor[] = await compiled(...inputs);
    const hosts = await Promise.all(outputs.map((output) => toHost(output)));
    disposeTree(outputs);
    return hosts as FloatArray[];
  } finally {
    disposeTree(inputs);
    await compiled.dispose();
  }
}

/** Largest difference, relative to the largest value. */
function difference(actual: readonly FloatArray[], expected: readonly FloatArray[]): number {
  let worst = 0;
  actual.forEach(({ data }, i) => {
    const reference = expected[i]!.data;
    const scale = reference.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    data.forEach((value, j) => {
      const off = Math.abs(value - reference[j]!) / scale;
      worst = Math.max(worst, Number.isFinite(off) ? off : Number.POSITIVE_INFINITY);
    });
  });
  return worst;
}

describe('backends', () => {
  beforeAll(async () => {
    for (const name of backendNames) open.set(name, await openBackend(name));
  });
  afterAll(async () => {
    for (const backend of open.values()) await backend.dispose();
  });

  for (const name of backendNames) {
    for (const example of features) {
      it.each(orders)(`${name}: ${example.name}, %s`, async (order) => {
        const excluded = exclusions.find(
          (entry) =>
            entry.backend === name && entry.feature === example.name && entry.order === order,
        );
        let failure: string | undefined;
        try {
          const expected = await compute(open.get('cpu')!, example, order);
          const off = difference(await compute(open.get(name)!, example, order), expected);
          // Both compute in float32, in sums of up to a few hundred terms.
          if (!(off < 1e-4)) failure = `differs by ${off} of the largest value`;
        } catch (error) {
          failure = TweedieError.isInstance(error) ? error.message : String(error);
        }
        if (excluded === undefined) expect(failure).toBeUndefined();
        else expect(failure).toBeDefined();
        results.set(cell(example.name, order, name), failure === undefined ? '✓' : '–');
      });
    }

    it(`${name}: training and sampling of a small MLP and U-Net`, async () => {
      const backend = open.get(name)!;
      const reference = open.get('cpu')!;
      for (const [what, network] of [
        ['MLP', mlp({ widths: [16], classes: 3 })],
        [
          'U-Net',
          unet2d({
            sampleSize: 6,
            inChannels: 1,
            outChannels: 1,
            blockOutChannels: [8, 16],
            downBlockTypes: ['DownBlock2D', 'AttnDownBlock2D'],
            upBlockTypes: ['AttnUpBlock2D', 'UpBlock2D'],
            layersPerBlock: 1,
            normNumGroups: 4,
            dropout: 0.1,
          }),
        ],
      ] as const) {
        const trained = await trainTwice(network, backend);
        const expected = await trainTwice(network, reference);
        // Two steps of Adam divide by the gradient's size, so that rounding grows where it is small.
        expect(difference([trained.samples], [expected.samples])).toBeLessThan(2e-3);
        expect(Math.abs(trained.loss / expected.loss - 1)).toBeLessThan(1e-4);
        results.set(cell(`${what}: training and sampling`, 'works', name), '✓');
      }
    });
  }

  it('are what FEATURES.md says', async () => {
    await expect(renderTable()).toMatchFileSnapshot('../../../FEATURES.md');
  });
});

/** Two steps of training, then one look through the denoiser. */
async function trainTwice(network: ReturnType<typeof mlp>, backend: Backend) {
  await tf.setBackend(backend.tensorBackend);
  const model = { network, parameterization: noisePrediction(), schedule: linear() };
  const data = {
    name: 'noise',
    config: {},
    itemShape: network.itemShape,
    size: Number.POSITIVE_INFINITY,
    classes: 3,
    batch: (stream: typeof rng, step: number, size: number) => ({
      x: stream.fork(step).normal([size, ...network.itemShape]),
      label: ints(Array.from({ length: size }, (_, i) => i % 3)),
    }),
  };
  const options = { steps: 2, batchSize: 4, learningRate: 1e-3 };
  const training = train({ model, loss: simpleLoss(), data, backend, options });
  let loss = 0;
  for await (const record of training) loss = record.loss;
  const params = await training.weights('ema');
  const label = (network.classes ?? 0) > 0 ? { label: 1 } : {};
  const denoiser = createDenoiser({ model, params, backend, ...label });
  const x = toTensor(rng.fork('x').normal([2, ...network.itemShape]));
  const denoised = await denoiser(x, { t: 500, alpha: 0.8, sigma: 0.6 });
  const samples = (await toHost(denoised)) as FloatArray;
  disposeTree([x, denoised]);
  await denoiser.dispose();
  await training.dispose();
  return { loss, samples: floats(samples.data, samples.shape) };
}

function renderTable(): string {
  const header = ['feature', ...backendNames];
  const rows = features.map(({ name }) => [
    name,
    ...backendNames.map((backend) =>
      orders.map((order) => results.get(cell(name, order, backend)) ?? '?').join(' '),
    ),
  ]);
  for (const what of ['MLP', 'U-Net']) {
    const name = `${what}: training and sampling`;
    rows.push([
      name,
      ...backendNames.map((backend) => results.get(cell(name, 'works', backend)) ?? '?'),
    ]);
  }
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const reasons = exclusions.map(
    ({ backend, feature: of, order, reason }) => `- ${backend}, ${of}, ${order}: ${reason}`,
  );
  return [
    '# What works on which backend',
    '',
    'Written by the conformance run (`packages/tweedie/src/backends.conformance.test.ts`; `npx vitest',
    'run packages/tweedie -u` writes it anew). Each cell holds three marks: the value, the gradient and',
    'the second derivatives agree with the cpu backend to 1e-4 of the largest value. `cpu` is the',
    'reference, whose own derivatives `packages/autodiff` holds to finite differences.',
    '',
    line(header),
    line(header.map(() => '---')),
    ...rows.map(line),
    '',
    reasons.length === 0 ? 'Nothing is excluded.' : `Excluded:\n\n${reasons.join('\n')}`,
    '',
    '`onnx` is the default: compiled, on the processor, in Node. `wasm` is there when',
    '`@tensorflow/tfjs-backend-wasm` is installed. A function that needs a kernel without a lowering is',
    'refused by `onnx` with an error that names the kernel.',
    '',
  ].join('\n');
}
