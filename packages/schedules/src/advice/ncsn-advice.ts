import { type FloatArray, sizeOf, TweedieError } from '@tweedie/core';
import { normalCdf } from './normal-cdf.js';
import { largestPairwiseDistance } from './pairwise-distance.js';

/**
 * How much neighbouring noise levels of ratio γ overlap in D dimensions: the share of N(0, σ² I)
 * whose radius lies in the range that holds nearly all of N(0, γ²σ² I),
 *
 *   Φ(√(2D)(γ − 1) + 3γ) − Φ(√(2D)(γ − 1) − 3γ),
 *
 * with radii taken as normal, N(√D σ, σ²/2). Song & Ermon, "Improved techniques for training
 * score-based generative models" (2020), technique 2. In few dimensions radii are not normal, and
 * up to D = 4 every ratio overlaps.
 *
 * @param ratio γ ≥ 1
 * @param dimension D, the numbers of one item
 */
export function noiseOverlap(ratio: number, dimension: number): number {
  demand(
    ratio >= 1 && Number.isFinite(ratio),
    `ratio is ${ratio}`,
    'a finite number of at least 1',
  );
  demandWhole('dimension', dimension);
  const shift = Math.sqrt(2 * dimension) * (ratio - 1);
  return normalCdf(shift + 3 * ratio) - normalCdf(shift - 3 * ratio);
}

/**
 * The ratio γ at which neighbouring noise levels overlap so much: technique 2 of Song & Ermon
 * (2020), solved to the last bits by bisection.
 *
 * @param overlap the paper has 0.5, the authors' configurations 0.567
 * @returns Infinity where every ratio overlaps more (D ≤ 4)
 * @throws TweedieError INVALID_VALUE for an overlap outside 0 … 0.99 or a dimension below 1
 */
export function noiseRatio(dimension: number, overlap = 0.5): number {
  demand(overlap > 0 && overlap <= 0.99, `overlap is ${overlap}`, 'above 0 and at most 0.99');
  let [low, high] = [1, 2];
  while (noiseOverlap(high, dimension) > overlap) {
    if (high > 1e6) return Number.POSITIVE_INFINITY;
    [low, high] = [high, 2 * high];
  }
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (noiseOverlap(middle, dimension) > overlap) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The variance, over σ_i², that T steps of Langevin dynamics at level σ_i reach on N(0, σ_i² I) from
 * N(0, γ²σ_i² I), that is from where the level before should have ended:
 *
 *   s_T²/σ_i² = (1 − a)^(2T) (γ² − k) + k,   k = 2a/(1 − (1 − a)²) = 1/(1 − a/2),
 *
 * where each step is x + η s + √(2η) z and a = η_i/σ_i², which annealed Langevin dynamics keeps the
 * same at all levels. Song & Ermon (2020), eq. 4 (their ε is η_L, so a = ε/σ_L²). It is between γ²,
 * with no step, and k, with many, so always above 1.
 *
 * @param relativeStep a, above 0 and below 2
 * @throws TweedieError INVALID_VALUE
 */
export function langevinVarianceRatio(
  ratio: number,
  relativeStep: number,
  stepsPerLevel: number,
): number {
  demand(
    ratio >= 1 && Number.isFinite(ratio),
    `ratio is ${ratio}`,
    'a finite number of at least 1',
  );
  demand(
    relativeStep > 0 && relativeStep < 2,
    `the relative step is ${relativeStep}`,
    'a number above 0 and below 2, beyond which Langevin dynamics diverges',
  );
  demandWhole('stepsPerLevel', stepsPerLevel);
  const limit = 1 / (1 - relativeStep / 2);
  return (1 - relativeStep) ** (2 * stepsPerLevel) * (ratio ** 2 - limit) + limit;
}

/**
 * The relative step a = η/σ² that brings the variance ratio of `langevinVarianceRatio` nearest to 1:
 * technique 4 of Song & Ermon (2020), by a scan and golden sections.
 *
 * @throws TweedieError INVALID_VALUE
 */
export function bestRelativeStep(ratio: number, stepsPerLevel: number): number {
  demand(ratio > 1 && Number.isFinite(ratio), `ratio is ${ratio}`, 'a finite number above 1');
  demandWhole('stepsPerLevel', stepsPerLevel);
  // At this step the limit k is γ² itself: nothing beyond it is nearer to 1.
  const most = 2 * (1 - 1 / ratio ** 2);
  const value = (log: number) => langevinVarianceRatio(ratio, Math.exp(log), stepsPerLevel);
  const [start, end] = [Math.log(most * 1e-9), Math.log(most * (1 - 1e-12))];
  const gap = (end - start) / 400;
  let best = start;
  for (let i = 1; i <= 400; i++) {
    if (value(start + gap * i) < value(best)) best = start + gap * i;
  }
  let [low, high] = [best - gap, Math.min(end, best + gap)];
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let i = 0; i < 80; i++) {
    const width = golden * (high - low);
    if (value(high - width) < value(low + width)) high = low + width;
    else low = high - width;
  }
  return Math.exp((low + high) / 2);
}

export interface NcsnAdviceOptions {
  /** The data, [N, ...itemShape]; σ_max is their largest distance (technique 1). */
  readonly points?: FloatArray | undefined;
  /** In place of points: the numbers of one item, with `sigmaMax`. */
  readonly dimension?: number | undefined;
  /** The largest noise level; by default from the points. */
  readonly sigmaMax?: number | undefined;
  /** The smallest noise level, too small to be seen in the data. Default 0.01, for data in [0, 1]. */
  readonly sigmaMin?: number | undefined;
  /** Langevin steps a level, as many as can be afforded. Default 5. */
  readonly stepsPerLevel?: number | undefined;
  /** Overlap of neighbouring levels. Default 0.5. */
  readonly overlap?: number | undefined;
  /** γ is not let above this: the overlap asks for little in few dimensions. Default 1.5. */
  readonly maxRatio?: number | undefined;
}

export interface NcsnAdvice {
  readonly sigmaMin: number;
  readonly sigmaMax: number;
  /** Number of noise levels L. */
  readonly levels: number;
  /** γ of these levels, (σ_max/σ_min)^(1/(L − 1)). */
  readonly ratio: number;
  /** Overlap of these levels. */
  readonly overlap: number;
  readonly stepsPerLevel: number;
  /** ε of x + (ε/2) s + √ε z at σ_min: what 'annealed-langevin' takes. */
  readonly stepSize: number;
  /** s_T²/σ² at each level with this step; near 1 is good. */
  readonly varianceRatio: number;
}

/**
 * Noise levels and Langevin steps of NCSN from the data: techniques 1, 2 and 4 of Song & Ermon,
 * "Improved techniques for training score-based generative models" (2020). σ_max is the largest
 * distance of two points, levels fall by the ratio at which they overlap (rounded so that they end
 * at σ_min), and the step brings the variance at each level nearest to σ². The paper's step is x +
 * η s + √(2η) z; `stepSize` is ε = 2η, for x + (ε/2) s + √ε z.
 *
 * @example
 * const { levels, sigmaMin, sigmaMax, stepSize, stepsPerLevel } = adviseNcsn({ points });
 * geometric({ steps: levels, sigmaMin, sigmaMax });
 * annealedLangevin({ stepSize, stepsPerLevel });
 * @throws TweedieError INVALID_VALUE, INVALID_SHAPE, NOT_FINITE
 */
export function adviseNcsn(options: NcsnAdviceOptions): NcsnAdvice {
  const { points, sigmaMin = 0.01, stepsPerLevel = 5, overlap = 0.5, maxRatio = 1.5 } = options;
  const dimension = options.dimension ?? (points && sizeOf(points.shape.slice(1)));
  const sigmaMax = options.sigmaMax ?? (points && largestPairwiseDistance(points));
  if (dimension === undefined || sigmaMax === undefined) {
    return refuse('neither points nor dimension and sigmaMax are given', 'one of them');
  }
  demand(maxRatio > 1, `maxRatio is ${maxRatio}`, 'a number above 1');
  demand(
    sigmaMin > 0 && sigmaMin < sigmaMax && Number.isFinite(sigmaMax),
    `sigmaMin is ${sigmaMin} and sigmaMax ${sigmaMax}`,
    'sigmaMin above 0 and below sigmaMax',
  );
  const wanted = Math.min(maxRatio, noiseRatio(dimension, overlap));
  const span = Math.log(sigmaMax / sigmaMin);
  const levels = 1 + Math.max(1, Math.ceil(span / Math.log(wanted) - 1e-9));
  const ratio = Math.exp(span / (levels - 1));
  const relativeStep = bestRelativeStep(ratio, stepsPerLevel);
  return {
    sigmaMin,
    sigmaMax,
    levels,
    ratio,
    overlap: noiseOverlap(ratio, dimension),
    stepsPerLevel,
    stepSize: 2 * relativeStep * sigmaMin ** 2,
    varianceRatio: langevinVarianceRatio(ratio, relativeStep, stepsPerLevel),
  };
}

function demandWhole(name: string, value: number): void {
  demand(
    Number.isSafeInteger(value) && value >= 1,
    `${name} is ${value}`,
    'a whole number of at least 1',
  );
}

function demand(holds: boolean, given: string, allowed: string): void {
  if (!holds) refuse(given, allowed);
}

function refuse(given: string, allowed: string): never {
  throw new TweedieError({ code: 'INVALID_VALUE', package: 'schedules', given, allowed });
}
