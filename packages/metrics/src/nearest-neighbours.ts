import type { FloatArray } from '@tweedie/core';
import type { Estimate } from './estimate.js';
import { checkWhole } from './options.js';
import { checkCount, type PointSet, squaredDistance, twoPointSets } from './point-set.js';

export interface DensityAndCoverage {
  /** How densely real points surround the generated ones; 1 on average for equal distributions. */
  readonly density: Estimate;
  /** The share of real points whose ball contains a generated point. */
  readonly coverage: Estimate;
}

/**
 * Density and coverage by nearest neighbours: Naeem et al., "Reliable fidelity and diversity
 * metrics for generative models" (2020), section 3. Each real point is the centre of a ball that
 * reaches to its k-th nearest other real point. Density is the mean number of balls that contain a
 * generated point, divided by k; coverage is the share of balls that contain any generated point. For
 * equal distributions the mean density is 1, and the mean coverage, with as many points of both,
 * 1 − Π_{i=1…k} (N − i)/(2N − i), about 1 − 2^−k.
 *
 * Standard errors cover the sampling of both sets, by the jackknife, which leaves out each point in
 * turn (leaving out a real point changes the balls of its neighbours). On average it overestimates
 * (Efron & Stein 1981): here by 1.0 to 1.7 times, most for equal distributions. Time grows with
 * (N + M) N D, memory with N k + M.
 *
 * @param real [N, ...itemShape], at least k + 2
 * @param generated [M, ...itemShape], at least 2
 * @param options.neighbours k; default 5
 * @throws TweedieError INVALID_SHAPE, INVALID_VALUE (too few points), NOT_FINITE, INVALID_OPTION
 */
export function densityAndCoverage(
  real: FloatArray,
  generated: FloatArray,
  options: { readonly neighbours?: number } = {},
): DensityAndCoverage {
  const { neighbours = 5 } = options;
  checkWhole('neighbours', neighbours, 1);
  const [x, y] = twoPointSets(['the real points', real], ['the generated points', generated], 2);
  checkCount('the real points', x.count, neighbours + 2);
  const [n, m] = [x.count, y.count];
  const balls = Array.from({ length: n }, (_, i) => ballAround(x, y, i, neighbours));

  // By how much density·k·M and coverage·N decrease when a point is left out.
  const realInside = Float64Array.from(balls, ({ inside }) => inside);
  const realCovered = Float64Array.from(balls, ({ inside }) => (inside > 0 ? 1 : 0));
  const total = sum(realInside);
  const covered = sum(realCovered);
  const generatedInside = new Float64Array(m);
  const generatedCovered = new Float64Array(m);
  balls.forEach(({ neighbours: near, inside, insideNext, radius }, i) => {
    for (const other of near) {
      realInside[other]! -= insideNext - inside;
      realCovered[other]! -= insideNext > 0 && inside === 0 ? 1 : 0;
    }
    for (let j = 0; inside > 0 && j < m; j++) {
      if (squaredDistance(x, i, y, j) > radius) continue;
      generatedInside[j]! += 1;
      if (inside === 1) generatedCovered[j]! += 1;
    }
  });
  return {
    density: {
      value: total / (neighbours * m),
      standardError: Math.hypot(
        jackknife(realInside.map((lost) => (total - lost) / (neighbours * m))),
        jackknife(generatedInside.map((lost) => (total - lost) / (neighbours * (m - 1)))),
      ),
    },
    coverage: {
      value: covered / n,
      standardError: Math.hypot(
        jackknife(realCovered.map((lost) => (covered - lost) / (n - 1))),
        jackknife(generatedCovered.map((lost) => (covered - lost) / n)),
      ),
    },
  };
}

interface Ball {
  /** The k nearest other real points. */
  readonly neighbours: readonly number[];
  /** Squared distance of the k-th of them. */
  readonly radius: number;
  /** Number of generated points in the ball. */
  readonly inside: number;
  /** The same for the ball that reaches to the (k + 1)-th. */
  readonly insideNext: number;
}

function ballAround(x: PointSet, y: PointSet, i: number, k: number): Ball {
  const distances = new Float64Array(k + 1).fill(Number.POSITIVE_INFINITY);
  const nearest = new Int32Array(k + 1);
  for (let j = 0; j < x.count; j++) {
    if (j === i) continue;
    const distance = squaredDistance(x, i, x, j);
    if (distance >= distances[k]!) continue;
    let at = k;
    for (; at > 0 && distances[at - 1]! > distance; at--) {
      distances[at] = distances[at - 1]!;
      nearest[at] = nearest[at - 1]!;
    }
    distances[at] = distance;
    nearest[at] = j;
  }
  const [radius, next] = [distances[k - 1]!, distances[k]!];
  let inside = 0;
  let insideNext = 0;
  for (let j = 0; j < y.count; j++) {
    const distance = squaredDistance(x, i, y, j);
    if (distance <= radius) inside++;
    if (distance <= next) insideNext++;
  }
  return { neighbours: [...nearest.subarray(0, k)], radius, inside, insideNext };
}

/** Standard error from the values without one point each. */
function jackknife(values: Float64Array): number {
  const n = values.length;
  const mean = sum(values) / n;
  return Math.sqrt((values.reduce((s, value) => s + (value - mean) ** 2, 0) * (n - 1)) / n);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
