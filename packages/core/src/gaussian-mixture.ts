import type { Density, Level } from './contracts/index.js';
import { TweedieError } from './errors.js';
import { type FloatArray, hostArray, type IntArray } from './host-array.js';
import type { Rng } from './rng.js';

/** N(mean, Σ) with its share of a mixture; Σ = Σ_j variances[j] axes[j] axes[j]ᵀ. */
export interface GaussianComponent {
  /** Share of the mixture; the shares sum to 1. */
  readonly weight: number;
  readonly mean: readonly number[];
  readonly variances: readonly number[];
  /** Orthonormal vectors; undefined for the coordinate axes. */
  readonly axes?: readonly (readonly number[])[] | undefined;
}

type Noise = Pick<Level, 'alpha' | 'sigma'>;

/**
 * A mixture of Gaussians in float64. Noise maps mixtures to mixtures, and so does conditioning on a
 * noisy observation, so all that a diffusion model approximates is exact here. Points are D finite
 * numbers; others are refused (INVALID_SHAPE, NOT_FINITE).
 */
export interface GaussianMixture extends Density {
  readonly dimension: number;
  readonly components: readonly GaussianComponent[];
  readonly mean: readonly number[];
  /**
   * The logarithm of each component's height, ln w_k − ½ Σ_j ln(variance_kj/scale), and the scale,
   * which is the largest variance. Only ratios enter, so that σ = ∞ is a level like any other.
   *
   * @throws TweedieError INVALID_VALUE when a component is a point
   */
  readonly logHeights: { readonly logs: readonly number[]; readonly scale: number };
  /** The distribution of x_t = αx₀ + σε. */
  at(level: Noise): GaussianMixture;
  /** ln p(x). @throws TweedieError INVALID_VALUE when a component is a point */
  logDensity(x: readonly number[]): number;
  /** ∇ ln p(x). @throws TweedieError INVALID_VALUE when a component is a point */
  score(x: readonly number[]): number[];
  /**
   * The distribution of x₀ given x_t = x. Its mean is the exact denoiser; at σ = 0 it is a point.
   *
   * @throws TweedieError INVALID_VALUE at a level with α = σ = 0
   */
  posterior(x: readonly number[], level: Noise): GaussianMixture;
  /** Points [count, D] and the component of each; item i depends on (rng, i) only. */
  sample(rng: Rng, count: number): { readonly x: FloatArray; readonly component: IntArray };
}

/**
 * The mixture of these components.
 *
 * @throws TweedieError INVALID_VALUE when there are none, the weights do not sum to 1, or the numbers
 * of a component do not fit those of the first
 * @example
 * const standardNormal = createGaussianMixture([{ weight: 1, mean: [0, 0], variances: [1, 1] }]);
 */
export function createGaussianMixture(components: readonly GaussianComponent[]): GaussianMixture {
  const refuse = (given: string, allowed: string): never => {
    throw new TweedieError({ code: 'INVALID_VALUE', package: 'core', given, allowed });
  };
  const total = components.reduce((sum, { weight }) => sum + weight, 0);
  // Divided by their sum, weights sum to 1 up to rounding.
  if (!(Math.abs(total - 1) < 1e-9) || components.some(({ weight }) => !(weight >= 0))) {
    refuse(
      `the weights of a mixture are [${components.map(({ weight }) => weight).join(', ')}]`,
      'one or more numbers of at least 0 that sum to 1',
    );
  }
  const dimension = components[0]!.mean.length;
  for (const [k, { mean, variances, axes }] of components.entries()) {
    const vectors = [mean, variances, ...(axes ?? [])];
    const fits =
      (axes === undefined || axes.length === dimension) &&
      vectors.every((vector) => vector.length === dimension && vector.every(Number.isFinite)) &&
      variances.every((variance) => variance >= 0);
    if (!fits || dimension === 0) {
      refuse(
        `component ${k} of a mixture does not fit: mean [${mean.join(', ')}], variances [${variances.join(', ')}]`,
        `${dimension || 'one or more'} finite numbers a vector, variances of at least 0, and as many axes as numbers, or none`,
      );
    }
  }
  return mixtureOf(components);
}

function mixtureOf(components: readonly GaussianComponent[]): GaussianMixture {
  const dimension = components[0]!.mean.length;
  return {
    dimension,
    components,
    get mean() {
      return combine(components.map(({ weight, mean }) => [weight, mean]));
    },
    get logHeights() {
      return logHeights(components);
    },
    at: (level) => mixtureOf(withNoise(components, level)),
    logDensity(x) {
      const { logSum, scale } = weigh(components, x);
      return logSum - (dimension / 2) * Math.log(2 * Math.PI * scale);
    },
    score(x) {
      const { shares, offsets } = weigh(components, x);
      return combine(
        components.map(({ variances, axes }, k) => {
          const along = offsets[k]!.map((value, j) => -value / variances[j]!);
          return [shares[k]!, fromAxes(axes, along)];
        }),
      );
    },
    posterior(x, level) {
      const noisy = withNoise(components, level);
      const { shares, offsets } = weigh(noisy, x);
      return mixtureOf(
        components.map(({ mean, variances, axes }, k) => {
          const along = offsets[k]!.map(
            (value, j) => ((level.alpha * variances[j]!) / noisy[k]!.variances[j]!) * value,
          );
          const shift = fromAxes(axes, along);
          return {
            weight: shares[k]!,
            mean: mean.map((value, i) => value + shift[i]!),
            // σ²v/(α²v + σ²), written so that it holds at σ = 0 and at σ = ∞.
            variances: variances.map(
              (variance) => variance / (1 + (level.alpha / level.sigma) ** 2 * variance),
            ),
            axes,
          };
        }),
      );
    },
    sample(rng, count) {
      const chosen = rng.uniform([count]).data;
      const noise = rng.normal([count, dimension]).data;
      const data = new Float32Array(count * dimension);
      const component = new Int32Array(count);
      for (let item = 0; item < count; item++) {
        const k = pick(components, chosen[item]!);
        const { mean, variances, axes } = components[k]!;
        const offset = fromAxes(
          axes,
          variances.map((variance, j) => Math.sqrt(variance) * noise[item * dimension + j]!),
        );
        component[item] = k;
        for (let i = 0; i < dimension; i++) data[item * dimension + i] = mean[i]! + offset[i]!;
      }
      return { x: hostArray(data, [count, dimension]), component: hostArray(component, [count]) };
    },
  };
}

/** The components of p_t: N(αm, α²Σ + σ²I). */
function withNoise(
  components: readonly GaussianComponent[],
  { alpha, sigma }: Noise,
): readonly GaussianComponent[] {
  return components.map(({ weight, mean, variances, axes }) => ({
    weight,
    mean: mean.map((value) => alpha * value),
    variances: variances.map((variance) => alpha ** 2 * variance + sigma ** 2),
    axes,
  }));
}

function logHeights(components: readonly GaussianComponent[]): GaussianMixture['logHeights'] {
  let scale = 0;
  for (const { variances } of components) {
    for (const variance of variances) {
      if (!(variance > 0)) {
        throw new TweedieError({
          code: 'INVALID_VALUE',
          package: 'core',
          given: `a component of the mixture has the variance ${variance}, so it has no density`,
          allowed: 'variances above 0',
          fix: 'ask at a level with noise',
        });
      }
      scale = Math.max(scale, variance);
    }
  }
  const logs = components.map(({ weight, variances }) =>
    variances.reduce(
      (sum, variance) => sum - (variance === scale ? 0 : Math.log(variance / scale) / 2),
      Math.log(weight),
    ),
  );
  return { logs, scale };
}

/**
 * Each component's share of the density at x, x − m_k along its axes, and ln p(x) without the
 * factor (2π·scale)^(−D/2).
 */
function weigh(components: readonly GaussianComponent[], x: readonly number[]) {
  const dimension = components[0]!.mean.length;
  if (x.length !== dimension || !x.every(Number.isFinite)) {
    throw new TweedieError({
      code: x.length === dimension ? 'NOT_FINITE' : 'INVALID_SHAPE',
      package: 'core',
      given: `the point is [${x.join(', ')}]`,
      allowed: `${dimension} finite numbers`,
    });
  }
  const { logs, scale } = logHeights(components);
  const offsets = components.map(({ mean, axes }) =>
    toAxes(
      axes,
      x.map((value, i) => value - mean[i]!),
    ),
  );
  const exponents = components.map(({ variances }, k) =>
    offsets[k]!.reduce((sum, value, j) => sum - value ** 2 / variances[j]! / 2, logs[k]!),
  );
  const largest = exponents.reduce((a, b) => Math.max(a, b));
  const ratios = exponents.map((exponent) => Math.exp(exponent - largest));
  const total = ratios.reduce((sum, ratio) => sum + ratio, 0);
  return {
    shares: ratios.map((ratio) => ratio / total),
    offsets,
    logSum: largest + Math.log(total),
    scale,
  };
}

/** A vector's coordinates along a component's axes. */
function toAxes(axes: GaussianComponent['axes'], vector: readonly number[]): readonly number[] {
  if (axes === undefined) return vector;
  return axes.map((axis) => axis.reduce((sum, value, i) => sum + value * vector[i]!, 0));
}

function fromAxes(axes: GaussianComponent['axes'], along: readonly number[]): readonly number[] {
  return axes === undefined ? along : combine(along.map((value, j) => [value, axes[j]!]));
}

/** Σ factor·vector. */
function combine(terms: readonly (readonly [number, readonly number[]])[]): number[] {
  const sum = new Array<number>(terms[0]![1].length).fill(0);
  for (const [factor, vector] of terms) {
    for (const [i, value] of vector.entries()) sum[i]! += factor * value;
  }
  return sum;
}

/** The component in whose part of [0, 1) a number falls. */
function pick(components: readonly GaussianComponent[], u: number): number {
  let k = 0;
  let below = components[0]!.weight;
  while (u >= below && k < components.length - 1) below += components[++k]!.weight;
  return k;
}
