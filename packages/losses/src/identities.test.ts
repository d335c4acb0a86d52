import '@tensorflow/tfjs-backend-cpu';
import { mul, ready, setBackend } from '@tensorflow/tfjs-core';
import '@tweedie/autodiff';
import {
  type Batch,
  createRng,
  type Draws,
  type FloatArray,
  floats,
  type HostParams,
  type Loss,
  levelAt,
  type Model,
} from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { mlp } from '@tweedie/networks';
import { geometric } from '@tweedie/schedules';
import { beforeAll, describe, expect, it } from 'vitest';
import { denoisingScoreMatching } from './denoising.js';
import { explicitScoreMatching } from './explicit.js';
import { gaussHermite } from './gauss-hermite.testing.js';
import { implicitScoreMatching } from './implicit.js';
import { evaluate, linearParams, linearScore, scoreModel } from './score-matching.testing.js';
import { simpleLoss } from './simple.js';
import { slicedScoreMatching } from './sliced.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const components = [
  { weight: 0.7, mean: [0.8, 0.3], deviation: 0.5 },
  { weight: 0.3, mean: [-0.9, -0.4], deviation: 0.4 },
];
const data = gaussianMixture({
  weights: components.map(({ weight }) => weight),
  means: components.flatMap(({ mean }) => mean),
  standardDeviations: components.map(({ deviation }) => deviation),
});

/**
 * Points and weights with which a mean over the batch is an integral over the mixture, with noise
 * of deviation σ: exact for polynomials of degree 59, and to 1e-7 for the networks below.
 */
function quadrature(sigma = 0): { x: FloatArray; weights: Float32Array } {
  const { nodes, weights } = gaussHermite(30);
  const x: number[] = [];
  const w: number[] = [];
  for (const { weight, mean, deviation } of components) {
    const spread = Math.hypot(deviation, sigma);
    nodes.forEach((first, i) => {
      nodes.forEach((second, j) => {
        x.push(mean[0]! + spread * first, mean[1]! + spread * second);
        w.push(weight * weights[i]! * weights[j]!);
      });
    });
  }
  return { x: floats(x, [w.length, 2]), weights: Float32Array.from(w, (v) => v * w.length) };
}

const network = mlp({ widths: [16, 16], activation: 'tanh', timeEmbedding: 'none' });
const model = scoreModel(network);

/** A loss as an integral: its draws' weights become those of the quadrature. */
async function integral(
  loss: Loss,
  params: HostParams,
  extra: Draws = {},
  batch: Batch & { weights: Float32Array } = { ...quadrature(), density: data.mixture },
): Promise<number> {
  const draws = { ...loss.draw(model, batch, createRng(0)), ...extra };
  const weight = floats(batch.weights);
  return (await evaluate(loss, model, batch, { ...draws, weight }, params)).value;
}

/** The same M projections for each item: [B, M, 2]. */
function sameForAll(count: number, rows: readonly (readonly number[])[]): FloatArray {
  const flat = rows.flat();
  return floats(
    Array.from({ length: count * flat.length }, (_, i) => flat[i % flat.length]!),
    [count, rows.length, 2],
  );
}

describe('quadrature', () => {
  it('integrates: weights sum to 1, second moments are those of the mixture', () => {
    const { x, weights } = quadrature(0.3);
    const mean = (f: (a: number, b: number) => number) =>
      weights.reduce((sum, w, i) => sum + w * f(x.data[2 * i]!, x.data[2 * i + 1]!), 0) /
      weights.length;
    expect(mean(() => 1)).toBeCloseTo(1, 6);
    expect(mean((a) => a ** 2)).toBeCloseTo(0.7 * (0.64 + 0.25) + 0.3 * (0.81 + 0.16) + 0.09, 5);
  });
});

describe('explicit and implicit score matching', () => {
  it('differ by ½E‖∇ ln p‖², the same constant for different networks', async () => {
    const { x, weights } = quadrature();
    const constant =
      weights.reduce((sum, w, i) => {
        const score = data.mixture.score([x.data[2 * i]!, x.data[2 * i + 1]!]);
        return sum + (w * (score[0]! ** 2 + score[1]! ** 2)) / 2;
      }, 0) / weights.length;
    for (const seed of [1, 2, 3, 4]) {
      const params = network.init(createRng(seed));
      const explicit = await integral(explicitScoreMatching(), params);
      const implicit = await integral(implicitScoreMatching(), params);
      // float32 sums of 1,800 terms of the constant's size (about 4).
      expect(Math.abs(explicit - implicit - constant), `seed ${seed}`).toBeLessThan(2e-5);
    }
  });

  it('have the same gradient', async () => {
    const params = network.init(createRng(5));
    const batch = { ...quadrature(), density: data.mixture };
    const gradients = await Promise.all(
      [explicitScoreMatching(), implicitScoreMatching()].map(async (loss) => {
        const draws = loss.draw(model, batch, createRng(0));
        const weighted = { ...draws, weight: floats(batch.weights) };
        return (await evaluate(loss, model, batch, weighted, params)).grads;
      }),
    );
    for (const [name, explicit] of Object.entries(gradients[0]!)) {
      explicit.forEach((value, i) => {
        expect(Math.abs(value - gradients[1]![name]![i]!), name).toBeLessThan(2e-5);
      });
    }
  });
});

describe('projections in place of the trace', () => {
  // Rules that are exact for what is quadratic in v, as the objective is.
  const signs = [
    [1, 1],
    [1, -1],
    [-1, 1],
    [-1, -1],
  ]; // prettier-ignore
  const normal = [
    [Math.SQRT2, 0],
    [-Math.SQRT2, 0],
    [0, Math.SQRT2],
    [0, -Math.SQRT2],
  ]; // prettier-ignore
  const sphere = [
    [1, 0],
    [0, 1],
  ]; // prettier-ignore

  it.each([
    ['SSM, signs', slicedScoreMatching({ varianceReduction: false }), signs, 1],
    ['SSM, normal', slicedScoreMatching({ varianceReduction: false }), normal, 1],
    [
      'SSM, sphere',
      slicedScoreMatching({ projection: 'sphere', varianceReduction: false }),
      sphere,
      2,
    ],
    ['SSM-VR, signs', slicedScoreMatching(), signs, 1],
    ['SSM-VR, normal', slicedScoreMatching({ projection: 'gaussian' }), normal, 1],
    ['SSM-VR, sphere', slicedScoreMatching({ projection: 'sphere' }), sphere, 2],
    ['Hutchinson', implicitScoreMatching({ trace: 'hutchinson', probes: 4 }), signs, 1],
  ] as const)('%s: the mean over projections is ISM', async (_name, loss, rows, dimension) => {
    const count = quadrature().weights.length;
    for (const seed of [1, 2]) {
      const params = network.init(createRng(seed));
      const projected = await integral(loss, params, { projection: sameForAll(count, rows) });
      const implicit = await integral(implicitScoreMatching(), params);
      // float32 rounding of terms of order 1, added in another order.
      expect(Math.abs(dimension * projected - implicit)).toBeLessThan(5e-6);
    }
  });

  /** The variance of a loss over its draws of projections, for given data. */
  async function varianceOf(loss: Loss, at: Model, x: FloatArray, params: HostParams) {
    const values: number[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const draws = loss.draw(at, { x }, createRng(seed));
      values.push((await evaluate(loss, at, { x }, draws, params)).value);
    }
    const mean = values.reduce((a, b) => a + b) / values.length;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  }

  it('SSM-VR varies less than SSM by what theory says', async () => {
    // s = −Ax on N(0, A⁻¹), where s ~ N(0, A). With signs v, given x, the objective varies by
    // v₁v₂ (s₁s₂ − 2A₁₂) in SSM and by −2v₁v₂ A₁₂ in SSM-VR.
    const [a11, a12, a22] = [2, 0.3, 1];
    const determinant = a11 * a22 - a12 ** 2;
    const gaussian = gaussianMixture({
      weights: [1],
      means: [0, 0],
      covariances: [a22, -a12, -a12, a11].map((value) => value / determinant),
    });
    const at = scoreModel(linearScore);
    const params = linearParams([a11, a12, a12, a22]);
    const count = 256;
    const { x } = gaussian.batch(createRng(1000), 0, count);
    const plain = await varianceOf(
      slicedScoreMatching({ varianceReduction: false }),
      at,
      x,
      params,
    );
    const reduced = await varianceOf(slicedScoreMatching(), at, x, params);
    // A variance from 200 values has a deviation of 10 %, and the points are only 256.
    expect(Math.abs(Math.log((plain * count) / (a11 * a22 + 2 * a12 ** 2)))).toBeLessThan(0.4);
    expect(Math.abs(Math.log((reduced * count) / (2 * a12) ** 2))).toBeLessThan(0.4);
  });

  it('SSM-VR varies less than SSM with each law in 8 dimensions, and 4 projections less than 1', async () => {
    // s = −x on N(0, I). Normal v: SSM varies by D²/2 + D an item, SSM-VR by 2D.
    const dimension = 8;
    const at = scoreModel({
      itemShape: [dimension],
      apply: ({ gain }, input) => mul(input, gain!),
    });
    const params = { gain: floats([-1], []) };
    const count = 64;
    // A seed that is none of the projections'.
    const x = createRng(1000).normal([count, dimension]);
    for (const projection of ['rademacher', 'gaussian', 'sphere'] as const) {
      const plainLoss = slicedScoreMatching({ projection, varianceReduction: false });
      const plain = await varianceOf(plainLoss, at, x, params);
      const reduced = await varianceOf(slicedScoreMatching({ projection }), at, x, params);
      const four = await varianceOf(
        slicedScoreMatching({ projection, varianceReduction: false, projections: 4 }),
        at,
        x,
        params,
      );
      expect(reduced, projection).toBeLessThan(0.7 * plain);
      expect(Math.abs(Math.log((4 * four) / plain)), projection).toBeLessThan(0.4);
      if (projection === 'gaussian') {
        const expected = (dimension ** 2 / 2 + dimension) / count;
        expect(Math.abs(Math.log(plain / expected))).toBeLessThan(0.4);
        expect(Math.abs(Math.log((reduced * count) / (2 * dimension)))).toBeLessThan(0.4);
      }
    }
  });

  it.each([true, false])(
    'differences converge to the derivative with ε² (variance reduction %s)',
    async (varianceReduction) => {
      const params = network.init(createRng(3));
      // Weights that bend the network, so that the error stands above float32 rounding.
      const bent = Object.fromEntries(
        Object.entries(params).map(([name, { data: values, shape }]) => [
          name,
          floats(
            values.map((value) => 2 * value),
            shape,
          ),
        ]),
      );
      const { x } = data.batch(createRng(2), 0, 64);
      const valueAt = async (finiteDifference: number | null) => {
        const loss = slicedScoreMatching({ varianceReduction, finiteDifference });
        const draws = loss.draw(model, { x }, createRng(4));
        return (await evaluate(loss, model, { x }, draws, bent)).value;
      };
      const exact = await valueAt(null);
      const errors = await Promise.all(
        [0.2, 0.1, 0.05].map(async (step) => Math.abs((await valueAt(step)) - exact)),
      );
      expect(errors[0]! / errors[1]!).toBeGreaterThan(3.4);
      expect(errors[0]! / errors[1]!).toBeLessThan(4.6);
      expect(errors[1]! / errors[2]!).toBeGreaterThan(3.4);
      expect(errors[1]! / errors[2]!).toBeLessThan(4.6);
      expect(Math.abs((await valueAt(1e-2)) - exact)).toBeLessThan(1e-3 * Math.abs(exact));
    },
  );
});

describe('denoising score matching', () => {
  const sigma = 0.3;

  it('has the minimiser A = (S + σ²I)⁻¹ among linear scores of a Gaussian', async () => {
    // A rule of (x₀, ε) that is exact to degree 3: ±2 along each of the 4 axes. The loss is quadratic.
    const root = [
      [0.9, 0],
      [0.4, 0.6],
    ] as const;
    const mean = [0.3, -0.7] as const;
    const x: number[] = [];
    const noise: number[] = [];
    for (let axis = 0; axis < 4; axis++) {
      for (const sign of [2, -2]) {
        const z = [0, 1, 2, 3].map((i) => (i === axis ? sign : 0));
        x.push(mean[0] + root[0][0] * z[0]! + root[0][1] * z[1]!);
        x.push(mean[1] + root[1][0] * z[0]! + root[1][1] * z[1]!);
        noise.push(z[2]!, z[3]!);
      }
    }
    const [a, b, d] = [0.9 ** 2 + sigma ** 2, 0.9 * 0.4, 0.4 ** 2 + 0.6 ** 2 + sigma ** 2];
    const determinant = a * d - b * b;
    const precision = [d / determinant, -b / determinant, -b / determinant, a / determinant];
    const offset = [
      precision[0]! * mean[0] + precision[1]! * mean[1],
      precision[2]! * mean[0] + precision[3]! * mean[1],
    ];
    const at = scoreModel(linearScore, geometric({ steps: 1, sigmaMin: 0.1, sigmaMax: sigma }));
    const batch = { x: floats(x, [8, 2]) };
    for (const power of [0, 2]) {
      const loss = denoisingScoreMatching({ power });
      const draws = {
        ...loss.draw(at, batch, createRng(0)),
        noise: floats(noise, [8, 2]),
      };
      const best = await evaluate(loss, at, batch, draws, linearParams(precision, offset));
      const other = await evaluate(
        loss,
        at,
        batch,
        draws,
        linearParams(
          precision.map((value) => value * 1.1),
          offset,
        ),
      );
      // At the minimum the gradient is what float32 leaves of terms of size λ/σ · 2.
      for (const value of [...best.grads.negativeA!, ...best.grads.b!]) {
        expect(Math.abs(value)).toBeLessThan(1e-5);
      }
      expect(other.value).toBeGreaterThan(best.value);
    }
  });

  it('differs from explicit score matching of the noised data by a constant', async () => {
    const at = scoreModel(network, geometric({ steps: 1, sigmaMin: 0.1, sigmaMax: sigma }));
    // E over x₀ and ε of DSM: one component at a time on a rule for both, of fewer nodes.
    const { nodes, weights } = gaussHermite(9);
    const x: number[] = [];
    const noise: number[] = [];
    const w: number[] = [];
    for (const { weight, mean, deviation } of components) {
      nodes.forEach((p, i) => {
        nodes.forEach((q, j) => {
          nodes.forEach((r, k) => {
            nodes.forEach((s, l) => {
              x.push(mean[0]! + deviation * p, mean[1]! + deviation * q);
              noise.push(r, s);
              w.push(weight * weights[i]! * weights[j]! * weights[k]! * weights[l]!);
            });
          });
        });
      });
    }
    const batch = { x: floats(x, [w.length, 2]) };
    const noised = { ...quadrature(sigma), density: data.mixture.at({ alpha: 1, sigma }) };
    const differences: number[] = [];
    for (const seed of [1, 2, 3]) {
      const params = network.init(createRng(seed));
      const denoising = denoisingScoreMatching({ power: 0 });
      const draws = {
        ...denoising.draw(at, batch, createRng(0)),
        noise: floats(noise, [w.length, 2]),
        weight: floats(w.map((value) => value * w.length)),
      };
      const { value } = await evaluate(denoising, at, batch, draws, params);
      differences.push(value - (await integral(explicitScoreMatching(), params, {}, noised)));
    }
    // E ½‖ε‖²/σ² = 11.1 is most of the values, of which float32 sums of 13,122 terms keep 1e-6.
    expect(Math.abs(differences[1]! - differences[0]!)).toBeLessThan(1e-4);
    expect(Math.abs(differences[2]! - differences[0]!)).toBeLessThan(1e-4);
  });

  it('is D/2 times the simple loss when λ = σ²', async () => {
    const schedule = geometric({ steps: 10, sigmaMin: 0.05, sigmaMax: 5 });
    const timed = mlp({ widths: [16], timeEmbedding: 'raw', timeScale: 0.1 });
    const at: Model = scoreModel(timed, schedule);
    const { x } = data.batch(createRng(1), 0, 32);
    const params = timed.init(createRng(2));
    const values = await Promise.all(
      [denoisingScoreMatching(), simpleLoss()].map(async (loss) => {
        const { value } = await evaluate(
          loss,
          at,
          { x },
          loss.draw(at, { x }, createRng(3)),
          params,
        );
        return value;
      }),
    );
    expect(Math.abs(values[0]! / values[1]! - 1)).toBeLessThan(1e-5);
    expect(levelAt(schedule, 0).sigma).toBeCloseTo(0.05, 12);
  });
});
