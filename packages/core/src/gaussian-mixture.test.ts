import { describe, expect, it } from 'vitest';
import { posterior, sdeCoefficients } from './gaussian.js';
import { createGaussianMixture, type GaussianMixture } from './gaussian-mixture.js';
import { createRng } from './rng.js';

const twoModes = createGaussianMixture([
  { weight: 0.8, mean: [1, 1], variances: [0.0625, 0.0625] },
  { weight: 0.2, mean: [-1, -1], variances: [0.0625, 0.0625] },
]);

/** Orthonormal axes: a reflection in the plane that is perpendicular to a vector. */
const reflection = (normal: readonly number[]) => {
  const square = normal.reduce((sum, value) => sum + value ** 2, 0);
  return normal.map((a, i) => normal.map((b, j) => (i === j ? 1 : 0) - (2 * a * b) / square));
};
/** Three components of different spreads in three dimensions, two of them with correlations. */
const skew = createGaussianMixture([
  { weight: 0.5, mean: [1, 0, -1], variances: [1, 2.2, 0.4], axes: reflection([1, 2, -1]) },
  { weight: 0.2, mean: [-2, 1, 0], variances: [0.3, 0.45, 0.2], axes: reflection([0.5, -1, 3]) },
  { weight: 0.3, mean: [0, -1, 2], variances: [0.7, 0.1, 0.4] },
]);
const line = createGaussianMixture([
  { weight: 0.3, mean: [-1], variances: [0.2] },
  { weight: 0.7, mean: [1.5], variances: [0.5] },
]);

const someLevels = [
  { alpha: 1, sigma: 0.3 },
  { alpha: 0.8, sigma: 0.6 },
  { alpha: 0.1, sigma: 0.99 },
  { alpha: 1, sigma: 40 },
];

/** Central difference of fourth order along axis i. */
function slope(f: (x: number[]) => number, x: readonly number[], i: number): number {
  const h = 1e-3;
  const at = (steps: number) => f(x.map((value, j) => (j === i ? value + steps * h : value)));
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
}

describe.each([
  ['isotropic', twoModes, [0.3, -0.2]],
  ['correlated', skew, [0.4, 0.1, 0.7]],
  ['one-dimensional', line, [0.2]],
] as const)('%s mixture', (_name, mixture: GaussianMixture, x) => {
  it.each(someLevels)('has score = ∇ ln p at $alpha, $sigma', (level) => {
    const noisy = mixture.at(level);
    const score = noisy.score(x);
    for (const i of x.keys()) {
      expect(score[i]).toBeCloseTo(slope(noisy.logDensity, x, i), 7);
    }
  });

  it.each(someLevels)("obeys Tweedie's formula at $alpha, $sigma", (level) => {
    const score = mixture.at(level).score(x);
    const denoised = mixture.posterior(x, level).mean;
    for (const [i, value] of x.entries()) {
      const expected = (value + level.sigma ** 2 * score[i]!) / level.alpha;
      // The right side cancels at large σ.
      expect(Math.abs(denoised[i]! - expected)).toBeLessThan(1e-12 * level.sigma ** 2 + 1e-12);
    }
  });

  it.each(someLevels)("obeys Bayes' rule at $alpha, $sigma", (level) => {
    // ln p(x₀ | x) − ln p(x₀) − ln q(x | x₀) + ln p(x) = 0 for any x₀.
    const clean = mixture.posterior(x, { alpha: 0.7, sigma: 0.5 }).mean;
    const distance = x.reduce((s, value, i) => s + (value - level.alpha * clean[i]!) ** 2, 0);
    const likelihood =
      -distance / (2 * level.sigma ** 2) -
      (x.length / 2) * Math.log(2 * Math.PI * level.sigma ** 2);
    const left = mixture.posterior(x, level).logDensity(clean) + mixture.at(level).logDensity(x);
    expect(left).toBeCloseTo(mixture.logDensity(clean) + likelihood, 9);
  });

  it('composes noise: two small steps are one large', () => {
    const twice = mixture.at({ alpha: 0.9, sigma: 0.2 }).at({ alpha: 0.5, sigma: 0.7 });
    const once = mixture.at({ alpha: 0.45, sigma: Math.hypot(0.5 * 0.2, 0.7) });
    expect(twice.logDensity(x)).toBeCloseTo(once.logDensity(x), 12);
  });

  it('gives back the data at σ = 0', () => {
    const sure = mixture.posterior(
      x.map((value) => 0.5 * value),
      { alpha: 0.5, sigma: 0 },
    );
    for (const [i, value] of x.entries()) expect(sure.mean[i]).toBeCloseTo(value, 12);
    expect(sure.components.every(({ variances }) => variances.every((v) => v === 0))).toBe(true);
    expect(() => sure.logDensity(x)).toThrow(/has the variance 0/);
  });

  it.each([
    { alpha: 0, sigma: 1 },
    { alpha: 1, sigma: Number.POSITIVE_INFINITY },
  ])('gives back the prior at pure noise: $alpha, $sigma', (level) => {
    const { components, mean } = mixture.posterior(x, level);
    for (const [k, component] of components.entries()) {
      expect(component.weight).toBeCloseTo(mixture.components[k]!.weight, 14);
      expect(component.mean).toEqual(mixture.components[k]!.mean);
      expect(component.variances).toEqual(mixture.components[k]!.variances);
    }
    for (const [i, value] of mixture.mean.entries()) expect(mean[i]).toBeCloseTo(value, 14);
  });
});

describe('one-dimensional mixture', () => {
  it('has a density that integrates to 1, with its mean', () => {
    const noisy = line.at({ alpha: 0.6, sigma: 0.3 });
    let total = 0;
    let first = 0;
    const step = 0.001;
    for (let x = -8; x < 8; x += step) {
      const density = Math.exp(noisy.logDensity([x]));
      total += density * step;
      first += x * density * step;
    }
    expect(total).toBeCloseTo(1, 10);
    expect(first).toBeCloseTo(noisy.mean[0]!, 10);
  });

  it('is consistent with `posterior`, for a single Gaussian as the less noisy state', () => {
    // A narrow Gaussian is a data point; its state at s given its state at t is `posterior`.
    const [before, at] = [
      { t: 0, alpha: 0.9, sigma: 0.4 },
      { t: 1, alpha: 0.5, sigma: 0.8 },
    ];
    const dataPoint = 1.3;
    const state = createGaussianMixture([
      { weight: 1, mean: [before.alpha * dataPoint], variances: [before.sigma ** 2] },
    ]);
    const scale = at.alpha / before.alpha;
    const added = Math.sqrt(at.sigma ** 2 - (scale * before.sigma) ** 2);
    const found = state.posterior([0.7], { alpha: scale, sigma: added });
    const { dataCoefficient, stateCoefficient, variance } = posterior(at, before);
    expect(found.mean[0]).toBeCloseTo(dataCoefficient * dataPoint + stateCoefficient * 0.7, 12);
    expect(found.components[0]!.variances[0]).toBeCloseTo(variance, 12);
  });

  it('flows: ∂ ln p/∂t obeys the Fokker–Planck equation of the process’s SDE', () => {
    const schedule = {
      name: 'cosine-like',
      config: {},
      time: { kind: 'continuous', start: 0.01, end: 1.5 },
      alpha: Math.cos,
      sigma: Math.sin,
    } as const;
    const t = 0.7;
    const marginal = (s: number) => line.at({ alpha: Math.cos(s), sigma: Math.sin(s) });
    const { drift, diffusionSquared } = sdeCoefficients(schedule, t);
    const x = 0.4;
    const change = slope(([s]) => marginal(s!).logDensity([x]), [t], 0);
    const score = marginal(t).score([x])[0]!;
    const curvature = slope((y) => marginal(t).score(y)[0]!, [x], 0);
    // ∂t ln p = −∂x(f x) − f x s + ½ g² (s' + s²)
    const expected = -drift - drift * x * score + (diffusionSquared / 2) * (curvature + score ** 2);
    expect(change).toBeCloseTo(expected, 6);
  });
});

describe('far from all components', () => {
  it('stays finite: the densities themselves are 0 in float64', () => {
    const x = [300, -300];
    const noisy = twoModes.at({ alpha: 1, sigma: 0.01 });
    expect(noisy.logDensity(x)).toBeLessThan(-1e6);
    const score = noisy.score(x);
    // Only the nearest component counts; both are equally near here.
    expect(score[0]).toBeCloseTo((1.2 / 2 - 300) / (0.0625 + 0.0001), 0);
    expect(score.every(Number.isFinite)).toBe(true);
  });
});

describe('sampling', () => {
  it('has the mixture’s mean and covariance, within five standard errors', () => {
    const count = 40_000;
    const { x, component } = skew.sample(createRng(8), count);
    const column = (i: number) => Array.from({ length: count }, (_, n) => x.data[3 * n + i]!);
    const mean = skew.mean;
    for (let i = 0; i < 3; i++) {
      for (let j = i; j < 3; j++) {
        const [a, b] = [column(i), column(j)];
        const products = a.map((value, n) => (value - mean[i]!) * (b[n]! - mean[j]!));
        const found = products.reduce((s, v) => s + v, 0) / count;
        const expected = skew.components.reduce((total, { weight, mean: m, variances, axes }) => {
          const within = variances.reduce((s, v, k) => {
            const axis = axes?.[k] ?? [0, 1, 2].map((index) => (index === k ? 1 : 0));
            return s + v * axis[i]! * axis[j]!;
          }, 0);
          return total + weight * (within + (m[i]! - mean[i]!) * (m[j]! - mean[j]!));
        }, 0);
        const spread = products.reduce((s, v) => s + (v - found) ** 2, 0) / count;
        expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt(spread / count));
      }
      const spread = column(i).reduce((s, v) => s + (v - mean[i]!) ** 2, 0) / count;
      const found = column(i).reduce((s, v) => s + v, 0) / count;
      expect(Math.abs(found - mean[i]!)).toBeLessThan(5 * Math.sqrt(spread / count));
    }
    for (const [k, { weight }] of skew.components.entries()) {
      const share = component.data.filter((value) => value === k).length / count;
      expect(Math.abs(share - weight)).toBeLessThan(5 * Math.sqrt((weight * (1 - weight)) / count));
    }
  });

  it('draws item i from (rng, i) only', () => {
    const rng = createRng(1);
    const many = skew.sample(rng.fork('a'), 64);
    const one = skew.sample(rng.fork('a').fromItem(17), 1);
    expect([...many.x.data.subarray(51, 54)]).toEqual([...one.x.data]);
    expect(many.component.data[17]).toBe(one.component.data[0]);
  });
});

it.each([
  [[1], /the point is \[1\].*2 finite numbers/],
  [[1, Number.NaN], /the point is \[1, NaN\]/],
])('refuses the point %j', (x, message) => {
  expect(() => twoModes.logDensity(x)).toThrow(message);
  expect(() => twoModes.score(x)).toThrow(message);
  expect(() => twoModes.posterior(x, { alpha: 1, sigma: 1 })).toThrow(message);
});

it('refuses a level without signal and noise', () => {
  expect(() => twoModes.posterior([0, 0], { alpha: 0, sigma: 0 })).toThrow(/has the variance 0/);
});

it.each([
  [[], /weights of a mixture are \[\]/],
  [[{ weight: 0.5, mean: [0], variances: [1] }], /weights of a mixture are \[0.5\].*sum to 1/],
  [[{ weight: 1, mean: [0], variances: [1, 2] }], /component 0 .*1 finite numbers a vector/],
  [[{ weight: 1, mean: [0], variances: [-1] }], /variances of at least 0/],
  [[{ weight: 1, mean: [], variances: [] }], /one or more finite numbers/],
  [[{ weight: 1, mean: [0, 0], variances: [1, 1], axes: [[1, 0]] }], /as many axes as numbers/],
])('refuses components that make no mixture: %j', (components, message) => {
  expect(() => createGaussianMixture(components)).toThrow(message);
});
