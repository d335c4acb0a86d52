import * as tf from '@tensorflow/tfjs-core';
import { disposeTree, toHost, toTensor, valueAndGrad } from '@tweedie/autodiff';
import { refusedKernels } from '@tweedie/backend-onnx';
import {
  type Backend,
  createRng,
  type FloatArray,
  type PureFunction,
  TweedieError,
} from '@tweedie/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BackendName, backendNames, openBackend } from './backends.js';
import { conformanceNetworks, trainTwice } from './conformance/network-run.js';
import { lossAndGradient, objectiveActivations, objectives } from './conformance/objectives.js';
import { type Feature, tensorFeatures } from './conformance/tensor-features.js';

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
}[] = (['gradient', 'second'] as const).flatMap((order) =>
  (
    [
      [
        'gather (embeddings)',
        "tfjs's wasm backend has no UnsortedSegmentSum; embed by a one-hot matrix product",
      ],
      ['depthwise convolution', "tfjs's wasm backend has no gradients of depthwise convolutions"],
      [
        'convolution and pooling in three dimensions',
        "tfjs's wasm backend computes wrong gradients of three-dimensional convolutions; finite differences are with the cpu backend",
      ],
    ] as const
  ).map(([feature, reason]) => ({ backend: 'wasm' as const, feature, order, reason })),
);

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
    for (const example of tensorFeatures) {
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

    it(`${name}: training and sampling of a small network of each kind`, async () => {
      const backend = open.get(name)!;
      const reference = open.get('cpu')!;
      for (const [what, network] of conformanceNetworks) {
        const trained = await trainTwice(network, backend);
        const expected = await trainTwice(network, reference);
        // Two steps of Adam divide by the gradient's size, so that rounding grows where it is small.
        expect(difference([trained.samples], [expected.samples])).toBeLessThan(2e-3);
        expect(Math.abs(trained.loss / expected.loss - 1)).toBeLessThan(1e-4);
        results.set(cell(`${what}: training and sampling`, 'works', name), '✓');
      }
    });
  }

  for (const name of backendNames) {
    it.each(objectives)(
      `${name}: $name, value and gradient of the parameters`,
      async (objective) => {
        for (const activation of objectiveActivations) {
          const expected = await lossAndGradient(objective, activation, open.get('cpu')!);
          const actual = await lossAndGradient(objective, activation, open.get(name)!);
          // Both compute in float32; a curvature is a difference of near numbers.
          expect(difference(actual, expected), activation).toBeLessThan(1e-4);
        }
        results.set(cell(`${objective.name}: value and gradient`, 'works', name), '✓');
      },
    );
  }

  it('compile each kernel of tfjs, or say why not', () => {
    expect(kernels.length).toBeGreaterThan(150);
    const compiled = compiledKernels();
    expect(kernels.filter((name) => compiled.has(name) === name in refusedKernels)).toEqual([]);
  });

  it('are what FEATURES.md says', async () => {
    await expect(renderTable()).toMatchFileSnapshot('../../../FEATURES.md');
  });
});

/** tfjs exports the name of each kernel under that name. */
const kernels = Object.entries(tf).flatMap(([name, value]) => (name === value ? [name] : []));

/** What the compiling backend has put in tfjs's table of kernels. */
function compiledKernels(): ReadonlySet<string> {
  const tracing = tf
    .engine()
    .backendNames()
    .filter((name) => name.startsWith('tweedie-trace'));
  const configs = tracing.flatMap((name) => tf.getKernelsForBackend(name));
  return new Set(configs.map(({ kernelName }) => kernelName));
}

function renderKernels(): string[] {
  const compiled = compiledKernels();
  const byReason = new Map<string, string[]>();
  for (const name of kernels) {
    const refusal = refusedKernels[name];
    if (refusal === undefined) continue;
    byReason.set(refusal.reason, [...(byReason.get(refusal.reason) ?? []), name]);
  }
  const names = kernels.filter((name) => compiled.has(name)).sort();
  return [
    '## Kernels of tfjs',
    '',
    `\`onnx\` compiles ${names.length} of the ${kernels.length} kernels that tfjs names:`,
    '',
    `${names.join(', ')}.`,
    '',
    "On the inputs that tfjs-core's own specs give them, each as a program of one operation, they agree with",
    'the cpu backend to 1e-5 of 1 and the root mean square. Where they mean to differ (extremes of NaN, pooling',
    'windows that lie in the padding alone, and the like) stands with its reason in',
    '[differences.ts](reliability/tfjs-suite/differences.ts).',
    '',
    'It refuses the others, with an error that names the kernel, the line of the function and what to do',
    'instead:',
    '',
    ...[...byReason].map(([reason, refused]) => `- ${refused.sort().join(', ')}: ${reason}.`),
    '',
  ];
}

function renderTable(): string {
  const header = ['feature', ...backendNames];
  const rows = tensorFeatures.map(({ name }) => [
    name,
    ...backendNames.map((backend) =>
      orders.map((order) => results.get(cell(name, order, backend)) ?? '?').join(' '),
    ),
  ]);
  const works = [
    ...conformanceNetworks.map(([what]) => `${what}: training and sampling`),
    ...objectives.map(({ name }) => `${name}: value and gradient`),
  ];
  for (const name of works) {
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
    'reference, whose own derivatives `packages/autodiff` compares with finite differences.',
    '',
    line(header),
    line(header.map(() => '---')),
    ...rows.map(line),
    '',
    reasons.length === 0 ? 'Nothing is excluded.' : `Excluded:\n\n${reasons.join('\n')}`,
    '',
    '`onnx` is the default: compiled, on the processor, in Node. `wasm` is there when',
    '`@tensorflow/tfjs-backend-wasm` is installed.',
    '',
    ...renderKernels(),
  ].join('\n');
}
