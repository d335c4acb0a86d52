import '@tensorflow/tfjs-backend-cpu';
import {
  add,
  memory,
  mul,
  ready,
  reshape,
  setBackend,
  type Tensor,
  type Tensor1D,
  tanh,
} from '@tensorflow/tfjs-core';
import { conv2d, toTensor, toTensors } from '@tweedie/autodiff';
import {
  type Batch,
  createRng,
  floats,
  type HostParams,
  type Loss,
  type Model,
  noisePrediction,
  scorePrediction,
  velocityPrediction,
} from '@tweedie/core';
import { gaussianMixture, ncsnMixture, twoMoons } from '@tweedie/data';
import { mlp } from '@tweedie/networks';
import { cosine, geometric } from '@tweedie/schedules';
import { testLoss } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  denoisingScoreMatching,
  explicitScoreMatching,
  implicitScoreMatching,
  slicedScoreMatching,
} from './index.js';
import { evaluate, linearParams, linearScore, scoreModel } from './score-matching.testing.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const ladder = geometric({ steps: 5, sigmaMin: 0.1, sigmaMax: 2 });
const mixture = gaussianMixture();
const onMixture = {
  batch: (rng: ReturnType<typeof createRng>, count: number): Batch => mixture.batch(rng, 0, count),
};

/** Every objective, by the name of its setting. */
const objectives: readonly (readonly [string, () => Loss])[] = [
  ['ESM', () => explicitScoreMatching()],
  ['ESM of noised data', () => explicitScoreMatching({ noise: 'schedule' })],
  ['ISM', () => implicitScoreMatching()],
  ['ISM of noised data', () => implicitScoreMatching({ noise: 'schedule' })],
  ['Hutchinson, signs', () => implicitScoreMatching({ trace: 'hutchinson', probes: 2 })],
  ['Hutchinson, normal', () => implicitScoreMatching({ trace: 'hutchinson', probe: 'gaussian' })],
  ['SSM', () => slicedScoreMatching({ varianceReduction: false })],
  ['SSM, sphere', () => slicedScoreMatching({ varianceReduction: false, projection: 'sphere' })],
  ['SSM-VR', () => slicedScoreMatching({ projections: 3 })],
  ['SSM-VR, annealed', () => slicedScoreMatching({ noise: 'schedule', projection: 'gaussian' })],
  ['SSM, differences', () => slicedScoreMatching({ finiteDifference: 0.05 })],
  ['DSM', () => denoisingScoreMatching()],
  ['DSM, one level', () => denoisingScoreMatching({ time: 3, power: 0 })],
  ['DSM, low discrepancy', () => denoisingScoreMatching({ times: 'lowDiscrepancy' })],
];

const timed = mlp({ widths: [8], activation: 'tanh', timeEmbedding: 'raw', timeScale: 0.2 });
const small: Model = { network: timed, parameterization: scorePrediction(), schedule: ladder };
for (const [name, make] of objectives) {
  // The exact objectives of the data as they are draw nothing.
  testLoss(name, make, { model: small, ...onMixture, random: !/^[EI]SM$/.test(name) });
}
// A process that shrinks the data, a prediction that is no score, classes and dropout masks.
testLoss('SSM-VR of a velocity', () => slicedScoreMatching({ noise: 'schedule' }));
testLoss('ISM with labels', () => implicitScoreMatching(), {
  model: { ...small, network: mlp({ widths: [8], activation: 'softplus', classes: 2 }) },
  ...onMixture,
  random: false,
});

describe.each(['tanh', 'silu', 'softplus'] as const)('%s networks', (activation) => {
  const network = mlp({ widths: [12, 12], activation, timeEmbedding: 'none' });
  const model = scoreModel(network, ladder);

  it.each(objectives)('%s: the gradient is that of differences', async (_name, make) => {
    const loss = make();
    const batch = mixture.batch(createRng(1), 0, 32);
    const draws = loss.draw(model, batch, createRng(2));
    const params = network.init(createRng(3));
    const { value, grads } = await evaluate(loss, model, batch, draws, params);
    // Along the gradient, where the slope is its norm.
    const norm = Math.sqrt(
      Object.values(grads).reduce((sum, g) => sum + g.reduce((s, v) => s + v * v, 0), 0),
    );
    const valueAt = async (step: number) => {
      const moved: HostParams = Object.fromEntries(
        Object.entries(params).map(([name, { data, shape }]) => [
          name,
          floats(
            data.map((v, i) => v + (step * grads[name]![i]!) / norm),
            shape,
          ),
        ]),
      );
      return (await evaluate(loss, model, batch, draws, moved)).value;
    };
    // Differences of fourth order: the step's error is of order h⁴, the rounding's 1e-7·value/h.
    const h = 0.04;
    const [a, b, c, d] = await Promise.all([-2 * h, -h, h, 2 * h].map(valueAt));
    const slope = (a! - 8 * b! + 8 * c! - d!) / (12 * h);
    expect(Math.abs(slope / norm - 1)).toBeLessThan(1e-3);
    expect(Number.isFinite(value)).toBe(true);
  });
});

describe('images', () => {
  const itemShape = [3, 3, 1];
  const convolve = (params: Record<string, Tensor>, x: Tensor) => {
    const h = tanh(conv2d(x, params.w1!, params.b1!, { stride: 1, padding: 1 }));
    return conv2d(h, params.w2!, params.b2!, { stride: 1, padding: 1 });
  };
  const image = scoreModel({ itemShape, apply: (params, x) => convolve({ ...params }, x) }, ladder);
  const flat = scoreModel(
    {
      itemShape: [9],
      apply: (params, x) =>
        reshape(convolve({ ...params }, reshape(x, [-1, ...itemShape])), [-1, 9]),
    },
    ladder,
  );
  const rng = createRng(1);
  const params: HostParams = {
    w1: floats(
      rng.normal([36]).data.map((v) => v / 3),
      [4, 1, 3, 3],
    ),
    b1: rng.normal([4]),
    w2: floats(
      rng.normal([36]).data.map((v) => v / 3),
      [1, 4, 3, 3],
    ),
    b2: rng.normal([1]),
  };
  const x = rng.normal([5, ...itemShape]);

  it.each(objectives.filter(([name]) => !name.startsWith('ESM')))(
    '%s of images is that of the same numbers in a row',
    async (_name, make) => {
      const loss = make();
      const rows = { x: floats(x.data, [5, 9]) };
      const asImage = await evaluate(
        loss,
        image,
        { x },
        loss.draw(image, { x }, createRng(2)),
        params,
      );
      const asRow = await evaluate(loss, flat, rows, loss.draw(flat, rows, createRng(2)), params);
      // The same sums of float32 numbers.
      expect(Math.abs(asImage.value / asRow.value - 1)).toBeLessThan(1e-5);
      for (const [name, grad] of Object.entries(asImage.grads)) {
        const scale = Math.max(...grad.map(Math.abs));
        grad.forEach((v, i) => {
          expect(Math.abs(v - asRow.grads[name]![i]!), name).toBeLessThan(1e-5 * scale);
        });
      }
    },
  );
});

describe('predictions', () => {
  it.each([
    ['noise', noisePrediction()],
    ['velocity', velocityPrediction()],
  ] as const)(
    '%s: the loss sees the score that the prediction means',
    async (_name, prediction) => {
      // One level of the cosine schedule: an ε-network F has the score −F/σ.
      const schedule = cosine();
      const time = 400;
      const [alpha, sigma] = [schedule.alpha(time), schedule.sigma(time)];
      const noise: Model = { ...small, schedule, parameterization: prediction };
      const network = mlp({ widths: [8], activation: 'tanh', timeEmbedding: 'none' });
      const params = network.init(createRng(3));
      const score: Model = {
        schedule,
        parameterization: scorePrediction(),
        network: {
          ...network,
          apply(p, input, conditioning) {
            const f = network.apply(p, input, conditioning);
            const square = alpha ** 2 + sigma ** 2;
            // v = αε − σx₀ gives ε = (αv + σx)/(α² + σ²).
            return prediction.name === 'noise'
              ? mul(f, -1 / sigma)
              : add(mul(f, -alpha / square / sigma), mul(input, -1 / square));
          },
        },
      };
      for (const loss of [
        denoisingScoreMatching({ time }),
        implicitScoreMatching({ noise: 'schedule', time }),
      ]) {
        const { x } = twoMoons().batch(createRng(1), 0, 16);
        const of = async (model: Model) =>
          (await evaluate(loss, model, { x }, loss.draw(model, { x }, createRng(2)), params)).value;
        const [ours, meant] = [await of({ ...noise, network }), await of(score)];
        expect(Math.abs(ours / meant - 1)).toBeLessThan(1e-5);
      }
    },
  );
});

/** Learns A of s = −Ax + b by averaged gradient descent. */
async function learnLinear(loss: Loss, model: Model, data: ReturnType<typeof gaussianMixture>) {
  const params = { negativeA: new Float32Array([-1, 0, 0, -1]), b: new Float32Array(2) };
  const mean = { negativeA: new Float64Array(4), b: new Float64Array(2) };
  const [steps, warm] = [400, 100];
  for (let step = 0; step < steps; step++) {
    const batch = data.batch(createRng(11), step, 2048);
    const draws = loss.draw(model, batch, createRng(12).fork(step));
    const host = { negativeA: floats(params.negativeA, [2, 2]), b: floats(params.b) };
    const { grads } = await evaluate(loss, model, batch, draws, host);
    for (const name of ['negativeA', 'b'] as const) {
      params[name].forEach((value, i) => {
        params[name][i] = value - 0.15 * grads[name]![i]!;
        if (step >= warm) mean[name][i]! += params[name][i]! / (steps - warm);
      });
    }
  }
  return mean;
}

describe('a linear network', () => {
  // Covariance S with the precision [[1.25, −0.5], [−0.5, 1]].
  const precision = [1.25, -0.5, -0.5, 1];
  const covariance = [1, 0.5, 0.5, 1.25];
  const centre = [0.5, -0.25];
  const data = gaussianMixture({ weights: [1], means: centre, covariances: covariance });
  const sigma = 0.4;
  const noised = (() => {
    const [a, b, d] = [1 + sigma ** 2, 0.5, 1.25 + sigma ** 2];
    const determinant = a * d - b * b;
    return [d, -b, -b, a].map((value) => value / determinant);
  })();
  const model = scoreModel(
    { ...linearScore, init: () => linearParams([1, 0, 0, 1]) },
    geometric({ steps: 1, sigmaMin: 0.1, sigmaMax: sigma }),
  );

  it.each([
    ['ISM', implicitScoreMatching(), precision],
    ['Hutchinson', implicitScoreMatching({ trace: 'hutchinson' }), precision],
    ['SSM', slicedScoreMatching({ varianceReduction: false }), precision],
    ['SSM-VR', slicedScoreMatching(), precision],
    ['differences', slicedScoreMatching({ finiteDifference: 0.05 }), precision],
    ['DSM', denoisingScoreMatching({ power: 1 }), noised],
  ] as const)('learns the score of a Gaussian by %s', async (_name, loss, wanted) => {
    const { negativeA, b } = await learnLinear(loss, model, data);
    // 600,000 points tell A to about 3e-3; the tolerance is what the objective promises.
    wanted.forEach((value, i) => {
      expect(Math.abs(negativeA[i]! + value), `A[${i}]`).toBeLessThan(1e-2);
    });
    for (const i of [0, 1]) {
      const offset = wanted[2 * i]! * centre[0]! + wanted[2 * i + 1]! * centre[1]!;
      expect(Math.abs(b[i]! - offset), `b[${i}]`).toBeLessThan(1e-2);
    }
  });
});

describe('errors', () => {
  const batch = twoMoons().batch(createRng(1), 0, 4);

  it('explicit score matching without a density says which losses need none', () => {
    expect(() => explicitScoreMatching().draw(small, batch, createRng(2))).toThrow(
      /the batch has no density.*gaussian-mixture.*implicit, sliced or denoising/,
    );
    expect(ncsnMixture().batch(createRng(1), 0, 4).density).toBeDefined();
  });

  it.each(objectives)('%s refuses a batch of another shape', (_name, make) => {
    const wrong = { ...mixture.batch(createRng(1), 0, 4), x: createRng(1).normal([4, 3]) };
    expect(() => make().draw(small, wrong, createRng(2))).toThrow(/\[4, 3\].*\[B, 2\]/);
  });

  it('refuses a prediction that says nothing about the score, and a time outside the schedule', () => {
    const clean: Model = {
      ...small,
      schedule: { ...ladder, name: 'clean', sigma: (t) => t },
    };
    expect(() => implicitScoreMatching().draw(clean, batch, createRng(2))).toThrow(
      /score prediction on schedule clean says nothing about the score at t = 0.*begins with noise/,
    );
    expect(() => denoisingScoreMatching({ time: 9 }).draw(small, batch, createRng(2))).toThrow(
      /time is 9.*from 0 to 4/,
    );
  });

  it('refuses probes of another shape and leaves no tensor', () => {
    const loss = slicedScoreMatching();
    const host = { ...loss.draw(small, batch, createRng(2)), projection: floats([1, 2, 3, 4]) };
    const params = toTensors(timed.init(createRng(3)));
    const draws = toTensors(host);
    const x = toTensor(batch.x);
    const before = memory().numTensors;
    const label = batch.label && (toTensor(batch.label) as Tensor1D);
    expect(() => loss.value(small, params, { x, label }, draws)).toThrow(
      /sliced-score-matching: the projections have the shape \[4\] and the items \[4, 2\].*\[4, M, 2\]/,
    );
    label?.dispose();
    expect(memory().numTensors).toBe(before);
    for (const tensor of [...Object.values(params), ...Object.values(draws), x]) tensor.dispose();
  });
});
