import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createRng, floats, sizeOf } from '@tweedie/core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  attention,
  conv2d,
  groupNorm,
  logSoftmax,
  silu,
  toTensor,
  upsampleNearest,
  valueAndGrad,
} from '../index.js';
import { gradients } from './register.js';

interface Case {
  /** Kernels whose gradients the case exercises. */
  readonly kernels: readonly string[];
  readonly name: string;
  readonly shapes: readonly number[][];
  readonly fn: (...x: tf.Tensor[]) => tf.Tensor;
  /** Where inputs are drawn from; away from kinks and poles. */
  readonly range?: readonly [number, number];
  /** Piecewise linear or constant: the second derivative in itself is zero almost everywhere. */
}

const t = (
  kernels: string,
  name: string,
  shapes: number[][],
  fn: Case['fn'],
  range?: Case['range'],
): Case => ({
  kernels: kernels.split(' '),
  name,
  shapes,
  fn,
  ...(range === undefined ? {} : { range }),
});
const positive: [number, number] = [0.4, 2];
const v = [5];

const cases: readonly Case[] = [
  t('Abs', 'abs', [v], tf.abs, positive),
  t('Neg', 'neg', [v], tf.neg),
  t('Exp', 'exp', [v], tf.exp),
  t('Expm1', 'expm1', [v], tf.expm1),
  t('Log', 'log', [v], tf.log, positive),
  t('Log1p', 'log1p', [v], tf.log1p, positive),
  t('Sqrt', 'sqrt', [v], tf.sqrt, positive),
  t('Rsqrt', 'rsqrt', [v], tf.rsqrt, positive),
  t('Square', 'square', [v], tf.square),
  t('Reciprocal', 'reciprocal', [v], tf.reciprocal, positive),
  t('Sin', 'sin', [v], tf.sin),
  t('Cos', 'cos', [v], tf.cos),
  t('Tan', 'tan', [v], tf.tan, [-0.8, 0.8]),
  t('Tanh', 'tanh', [v], tf.tanh),
  t('Atan', 'atan', [v], tf.atan),
  t('Sigmoid', 'sigmoid', [v], tf.sigmoid),
  t('Softplus', 'softplus', [v], tf.softplus),
  t('Erf', 'erf', [v], tf.erf),
  t('Relu', 'relu above its kink', [v], tf.relu, positive),
  t('Relu', 'relu below its kink', [v], tf.relu, [-2, -0.4]),
  t('Elu', 'elu', [v], tf.elu, [-2, -0.2]),
  t('LeakyRelu', 'leakyRelu', [v], (x) => tf.leakyRelu(x, 0.1), [-2, -0.4]),
  t('ClipByValue', 'clip inside', [v], (x) => tf.clipByValue(x, -3, 3)),
  t('Sigmoid Multiply', 'silu', [v], silu),
  t('Exp RealDiv', '1/(1+exp(−x))', [v], (x) => tf.div(1, tf.add(1, tf.exp(tf.neg(x))))),
  t(
    'Add',
    'add, broadcasting both',
    [
      [3, 1],
      [1, 4],
    ],
    (a, b) => tf.add(a!, b!),
  ),
  t('Add', 'add, fewer axes', [[2, 3], [3]], (a, b) => tf.add(a!, b!)),
  t('Sub', 'sub', [[2, 3], [3]], (a, b) => tf.sub(a!, b!)),
  t(
    'Multiply',
    'mul, broadcasting',
    [
      [2, 1, 3],
      [4, 1],
    ],
    (a, b) => tf.mul(a!, b!),
  ),
  t(
    'RealDiv',
    'div',
    [
      [2, 3],
      [2, 1],
    ],
    (a, b) => tf.div(a!, b!),
    positive,
  ),
  t('SquaredDifference', 'squaredDifference', [[2, 3], [3]], (a, b) =>
    tf.squaredDifference(a!, b!),
  ),
  t('Maximum', 'maximum', [[4], [4]], (a, b) => tf.maximum(a!, tf.add(b!, 5))),
  t('Minimum', 'minimum', [[4], [4]], (a, b) => tf.minimum(a!, tf.add(b!, 5))),
  t('Pow', 'pow, both operands', [[2, 3], [3]], (a, b) => tf.pow(a!, b!), positive),
  t('AddN', 'addN', [[4], [4], [4]], (a, b, c) => tf.addN([a!, b!, c!])),
  t(
    'Select Less',
    'where by a comparison',
    [[6]],
    (x) => tf.where(tf.less(x, 0), tf.square(x), tf.sin(x)),
    positive,
  ),
  t('Sum', 'sum over an axis', [[2, 3, 4]], (x) => tf.sum(tf.square(x), 1)),
  t('Sum', 'sum over all', [[2, 3]], (x) => tf.sum(tf.square(x))),
  t('Mean', 'mean over two axes', [[2, 3, 4]], (x) => tf.mean(tf.square(x), [0, 2])),
  t('Max', 'max over an axis', [[3, 4]], (x) => tf.max(tf.square(tf.add(x, 4)), 1)),
  t('Min', 'min over an axis', [[3, 4]], (x) => tf.min(tf.square(tf.add(x, 4)), 0)),
  t('Prod', 'prod over an axis', [[3, 2]], (x) => tf.prod(x, 0), positive),
  t('Softmax', 'softmax', [[2, 4]], (x) => tf.softmax(x)),
  t('Max Exp Log', 'logSoftmax', [[2, 4]], (x) => logSoftmax(x)),
  t('Max Exp Log', 'logSumExp', [[2, 4]], (x) => tf.logSumExp(x, 1)),
  t('Cumsum', 'cumsum', [[2, 4]], (x) => tf.square(tf.cumsum(x, 1, true, true))),
  t('Identity', 'clone', [v], (x) => tf.square(tf.clone(x))),
  t('Cast', 'cast', [v], (x) => tf.square(tf.cast(x, 'float32'))),
  t('Reshape', 'reshape', [[2, 6]], (x) => tf.square(tf.reshape(x, [3, 4]))),
  t('ExpandDims', 'expandDims', [[2, 3]], (x) => tf.square(tf.expandDims(x, 1))),
  t('Transpose', 'transpose', [[2, 3, 4]], (x) => tf.square(tf.transpose(x, [2, 0, 1]))),
  t('Reverse', 'reverse', [[2, 3]], (x) => tf.mul(tf.reverse(x, 1), x)),
  t('BroadcastTo', 'broadcastTo', [[3, 1]], (x) => tf.square(tf.broadcastTo(x, [2, 3, 4]))),
  t('Slice', 'slice', [[4, 5]], (x) => tf.square(tf.slice(x, [1, 2], [2, 3]))),
  t('PadV2', 'pad', [[2, 3]], (x) =>
    tf.square(
      tf.pad(x, [
        [1, 0],
        [2, 1],
      ]),
    ),
  ),
  t('Tile', 'tile', [[2, 3]], (x) => tf.mul(tf.tile(x, [2, 3]), 1.5)),
  t('SplitV', 'split', [[7]], (x) => {
    const [a, b] = tf.split(x, [3, 4]);
    return tf.mul(tf.sum(tf.square(a!)), tf.sum(tf.sin(b!)));
  }),
  t('SplitV', 'split, one piece unused', [[7]], (x) => tf.square(tf.split(x, [3, 4])[1]!)),
  t(
    'Concat',
    'concat',
    [
      [2, 3],
      [2, 1],
    ],
    (a, b) => tf.square(tf.concat([a!, b!, a!], 1)),
  ),
  t(
    'Pack',
    'stack',
    [
      [2, 3],
      [2, 3],
    ],
    (a, b) => tf.square(tf.stack([a!, b!], 1)),
  ),
  t('Unpack', 'unstack', [[2, 3]], (x) => tf.mul(...(tf.unstack(x) as [tf.Tensor, tf.Tensor]))),
  t('GatherV2 UnsortedSegmentSum', 'gather with repeated indices', [[4, 3]], (x) =>
    tf.square(tf.gather(x, tf.tensor1d([1, 3, 1], 'int32'), 0)),
  ),
  t('GatherV2', 'gather along an inner axis', [[2, 4, 3]], (x) =>
    tf.square(
      tf.gather(
        x,
        tf.tensor2d(
          [
            [1, 3],
            [0, 1],
          ],
          [2, 2],
          'int32',
        ),
        1,
      ),
    ),
  ),
  ...[false, true].flatMap((ta) =>
    [false, true].map((tb) =>
      t(
        'BatchMatMul',
        `matMul, transposes ${ta} ${tb}`,
        [ta ? [4, 3] : [3, 4], tb ? [2, 4] : [4, 2]],
        (a, b) => tf.matMul(a!, b!, ta, tb),
      ),
    ),
  ),
  t(
    'BatchMatMul',
    'matMul, a batch axis that broadcasts',
    [
      [1, 3, 4],
      [3, 4, 2],
    ],
    (a, b) => tf.matMul(a!, b!),
  ),
  t(
    'TweedieConv2D TweedieConv2DInputGrad TweedieConv2DFilterGrad',
    'conv2d 3×3 same',
    [[2, 4, 5, 2], [3, 2, 3, 3], [3]],
    (x, w, b) => conv2d(x!, w!, b!, { padding: 1 }),
  ),
  t(
    'TweedieConv2D',
    'conv2d stride 2, asymmetric padding',
    [
      [1, 5, 6, 2],
      [2, 2, 3, 3],
    ],
    (x, w) => conv2d(x!, w!, undefined, { stride: 2, padding: [0, 1, 0, 1] }),
  ),
  t('TweedieConv2D', 'conv2d 1×1', [[2, 3, 3, 4], [2, 4, 1, 1], [2]], (x, w, b) =>
    conv2d(x!, w!, b!),
  ),
  t(
    'TweedieConv2D',
    'conv2d dilated',
    [
      [1, 7, 6, 1],
      [2, 1, 3, 2],
    ],
    (x, w) => conv2d(x!, w!, undefined, { dilation: 2, padding: 'same' }),
  ),
  t(
    'TweedieConv2D',
    'conv2d whose stride leaves pixels over',
    [
      [1, 6, 7, 1],
      [1, 1, 2, 2],
    ],
    (x, w) => conv2d(x!, w!, undefined, { stride: 3 }),
  ),
  t('TweedieGroupNorm TweedieGroupNormGrad', 'groupNorm', [[2, 2, 3, 4], [4], [4]], (x, s, o) =>
    groupNorm(x!, s!, o!, { groups: 2 }),
  ),
  t(
    'TweedieGroupNorm TweedieGroupNormGrad',
    'groupNorm with silu',
    [[2, 3, 4], [4], [4]],
    (x, s, o) => groupNorm(x!, s!, o!, { groups: 2, activation: 'silu' }),
  ),
  t('TweedieUpsampleNearest TweedieUpsampleNearestGrad', 'upsampleNearest', [[1, 2, 3, 2]], (x) =>
    tf.square(upsampleNearest(x!, 2)),
  ),
  t(
    'TweedieAttention TweedieAttentionGrad',
    'attention',
    [
      [2, 3, 4],
      [2, 5, 4],
      [2, 5, 2],
    ],
    (q, k, w) => attention(q!, k!, w!),
  ),
];

/** Kernels that are piecewise constant; checked apart, since finite differences see only zeros. */
const flat =
  'Sign Step Floor Ceil Round Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr LogicalNot ZerosLike OnesLike';
/** Reached through tfjs functions that build on the kernels above. */
const indirect = 'LogSoftmax';

const rng = createRng(7);

/** Inputs, and a weighting that makes a scalar of fn without hiding any output. */
function setUp(example: Case) {
  const stream = rng.fork(example.name);
  const [low, high] = example.range ?? [-1.5, 1.5];
  const inputs = example.shapes.map((shape, i) => stream.fork(i).uniform(shape, low, high));
  const scalarOf = (xs: readonly tf.Tensor[]): tf.Tensor => {
    const y = example.fn(...xs);
    const weights = stream.fork('weights').uniform([1, y.size], 0.5, 1.5);
    return tf.sum(tf.mul(tf.reshape(y, [-1]), tf.tensor1d(weights.data)));
  };
  return {
    inputs,
    scalarOf,
    directions: inputs.map((x, i) => stream.fork(`d${i}`).normal(x.shape)),
  };
}

const asParams = (xs: readonly tf.Tensor[]) => Object.fromEntries(xs.map((x, i) => [String(i), x]));
const asList = (params: Readonly<Record<string, tf.Tensor>>, count: number) =>
  Array.from({ length: count }, (_, i) => params[String(i)]!);

/** d/dε of a scalar of the inputs moved by ε along the directions, by differences of fourth order. */
function differenceQuotient(
  f: (xs: tf.Tensor[]) => number,
  inputs: ReturnType<typeof setUp>['inputs'],
  directions: ReturnType<typeof setUp>['directions'],
): number {
  // float32 values carry about 1e-7 relative error, so that h = 0.02 leaves 1e-5 of rounding and
  // h⁴ ≈ 2e-7 of truncation.
  const h = 0.02;
  const at = (step: number) =>
    f(
      inputs.map((x, i) =>
        toTensor(
          floats(
            x.data.map((value, j) => value + step * directions[i]!.data[j]!),
            x.shape,
          ),
        ),
      ),
    );
  return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
}

describe('gradients', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('are all exercised below', () => {
    const covered = new Set([
      ...cases.flatMap(({ kernels }) => kernels),
      ...flat.split(' '),
      indirect,
    ]);
    expect(
      gradients.map(({ kernelName }) => kernelName).filter((name) => !covered.has(name)),
    ).toEqual([]);
  });

  it.each(cases.map((example) => [example.name, example] as const))(
    '%s, first order',
    (_name, example) => {
      tf.tidy(() => {
        const { inputs, scalarOf, directions } = setUp(example);
        const xs = inputs.map(toTensor);
        const { grads } = valueAndGrad((params) => scalarOf(asList(params, xs.length)))(
          asParams(xs),
        );
        let exact = 0;
        let scale = 0;
        directions.forEach((direction, i) => {
          const terms = tf.mul(grads[String(i)]!, toTensor(direction));
          exact += tf.sum(terms).dataSync()[0]!;
          scale += tf.sum(tf.abs(terms)).dataSync()[0]!;
        });
        const measured = differenceQuotient(
          (at) => scalarOf(at).dataSync()[0]!,
          inputs,
          directions,
        );
        expect(Math.abs(exact - measured)).toBeLessThan(1e-3 * Math.max(scale, 0.1));
      });
    },
  );

  it.each(cases.map((example) => [example.name, example] as const))(
    '%s, second order',
    (_name, example) => {
      tf.tidy(() => {
        const { inputs, scalarOf, directions } = setUp(example);
        const stream = rng.fork(`${example.name} second`);
        const probes = inputs.map((x, i) => toTensor(stream.fork(i).normal(x.shape)));
        // ⟨probe, ∇f⟩ is a scalar whose own gradient holds every second derivative.
        const slope = (xs: tf.Tensor[]): tf.Tensor => {
          const { grads } = valueAndGrad((params) => scalarOf(asList(params, xs.length)))(
            asParams(xs),
          );
          return tf.addN(probes.map((probe, i) => tf.sum(tf.mul(probe, grads[String(i)]!))));
        };
        const xs = inputs.map(toTensor);
        const { grads } = valueAndGrad((params) => slope(asList(params, xs.length)))(asParams(xs));
        let exact = 0;
        let scale = 0;
        directions.forEach((direction, i) => {
          const terms = tf.mul(grads[String(i)]!, toTensor(direction));
          exact += tf.sum(terms).dataSync()[0]!;
          scale += tf.sum(tf.abs(terms)).dataSync()[0]!;
        });
        const measured = differenceQuotient((at) => slope(at).dataSync()[0]!, inputs, directions);
        expect(Math.abs(exact - measured)).toBeLessThan(2e-3 * Math.max(scale, 0.1));
      });
    },
  );

  it('has the second derivatives that tfjs gets wrong', () => {
    const second = (f: (x: tf.Tensor) => tf.Tensor) => {
      const first = (x: tf.Tensor) => valueAndGrad(({ y }) => tf.sum(f(y!)))({ y: x }).grads.y!;
      return valueAndGrad(({ y }) => tf.sum(first(y!)))({
        y: tf.scalar(0.7),
      }).grads.y!.dataSync()[0]!;
    };
    const s = 1 / (1 + Math.exp(-0.7));
    const slope = s * (1 - s);
    tf.tidy(() => {
      expect(second(silu)).toBeCloseTo(slope * (2 + 0.7 * (1 - 2 * s)), 5);
      expect(second(silu)).toBeCloseTo(0.3912, 4);
      expect(second((x) => tf.div(1, tf.add(1, tf.exp(tf.neg(x)))))).toBeCloseTo(slope * (1 - 2 * s), 5);
      expect(second(tf.exp)).toBeCloseTo(Math.exp(0.7), 4);
      const th = Math.tanh(0.7);
      expect(second(tf.tanh)).toBeCloseTo(-2 * th * (1 - th * th), 5);
    });
  });

  it('sends nothing through piecewise constant operations', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([-1.3, 0.4, 2.2]);
      for (const f of [tf.sign, tf.step, tf.floor, tf.ceil, tf.round, tf.zerosLike, tf.onesLike]) {
        const { grads } = valueAndGrad(({ y }) => tf.sum(tf.add(f(y!), tf.square(y!))))({ y: x });
        expect([...grads.y!.dataSync()]).toEqual([...tf.mul(x, 2).dataSync()]);
      }
      const mask = (y: tf.Tensor) =>
        tf.logicalAnd(
          tf.logicalOr(tf.greater(y, 0), tf.lessEqual(y, -1)),
          tf.logicalNot(tf.equal(y, 5)),
        );
      const { grads } = valueAndGrad(({ y }) => tf.sum(tf.mul(tf.cast(mask(y!), 'float32'), y!)))({
        y: x,
      });
      expect([...grads.y!.dataSync()]).toEqual([1, 1, 1]);
      expect(sizeOf(x.shape)).toBe(3);
    });
  });
});
