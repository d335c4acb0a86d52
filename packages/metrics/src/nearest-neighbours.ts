import type { FloatArray } from '@tweedie/core';
import type { Estimate } from './estimate.js';
import { demandWhole } from './options.js';
import { demandCount, type PointSet, squaredDistance, twoPointSets } from './point-set.js';

export interface DensityAndCoverage {
  /** How densely the real points surround the generated ones; 1 on average for equal laws. */
  readonly density: Estimate;
  /** The share of real points that have a generated one among their neighbours. */
  readonly coverage: Estimate;
}

/**
 * Density and coverage by nearest neighbours: Naeem et al., "Reliable fidelity and diversity
 * metrics for generative models" (2020), section 3. Around each real point lies a ball that reaches
 * to its k-th nearest other real point. Density counts the balls that hold each generated point,
 * over k; coverage is the share of balls that hold any. For equal laws density is 1 on average, and
 * coverage with as many points of both 1 − Π_{i=1…k} (N − i)/(2N − i), about 1 − 2^−k.
 *
 * Standard errors cover the drawing of both sets: the jackknife, which leaves out each point in
 * turn (balls change where a real one goes). It is too large rather than too small on average
 * (Efron & Stein 1981): here 1.0 to 1.7 times the true error, most where the laws are equal. Time
 * grows with (N + M) N D, memory with N k + M.
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
  demandWhole('neighbours', neighbours, 1);
  const [x, y] = twoPointSets(['the real points', real], ['the generated points', generated], 2);
  demandCount('the real points', x.count, neighbours + 2);
  const [n, m] = [x.count, y.count];
  const balls = Array.from({ length: n }, (_, i) => ballAround(x, y, i, neighbours));

  // What density·k·M and coverage·N lose when a point is left out.
  const realHeld = Float64Array.from(balls, ({ held }) => held);
  const realCovered = Float64Array.from(balls, ({ held }) => (held > 0 ? 1 : 0));
  const total = sum(realHeld);
  const covered = sum(realCovered);
  const generatedHeld = new Float64Array(m);
  const generatedCovered = new Float64Array(m);
  balls.forEach(({ neighbours: near, held, heldByNext, radius }, i) => {
    for (const other of near) {
      realHeld[other]! -= heldByNext - held;
      realCovered[other]! -= heldByNext > 0 && held === 0 ? 1 : 0;
    }
    for (let j = 0; held > 0 && j < m; j++) {
      if (squaredDistance(x, i, y, j) > radius) continue;
      generatedHeld[j]! += 1;
      if (held === 1) generatedCovered[j]! += 1;
    }
  });
  return {
    density: {
      value: total / (neighbours * m),
      standardError: Math.hypot(
        jackknife(realHeld.map((lost) => (total - lost) / (neighbours * m))),
        jackknife(generatedHeld.map((lost) => (total - lost) / (neighbours * (m - 1)))),
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
  readonly held: number;
  /** The same for the ball that reaches to the (k + 1)-th. */
  readonly heldByNext: number;
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
  let held = 0;
  let heldByNext = 0;
  for (let j = 0; j < y.count; j++) {
    const distance = squaredDistance(x, i, y, j);
    if (distance <= radius) held++;
    if (distance <= next) heldByNext++;
  }
  return { neighbours: [...nearest.subarray(0, k)], radius, held, heldByNext };
}

/** Standard error from the values that leave out one point each. */
function jackknife(values: Float64Array): number {
  const n = values.length;
  const mean = sum(values) / n;
  return Math.sqrt((values.reduce((s, value) => s + (value - mean) ** 2, 0) * (n - 1)) / n);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
