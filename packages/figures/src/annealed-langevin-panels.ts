import type { FloatArray } from '@tweedie/core';
import { ncsnMixture } from '@tweedie/data';
import type { Estimate } from '@tweedie/metrics';
import {
  arrows,
  bars,
  category,
  horizontalRule,
  lines,
  type Mark,
  numberText,
  type Panel,
  palette,
  points,
} from '@tweedie/plots';
import { noised, pairsOf } from './arrays.js';
import {
  densityGrid,
  densityLevels,
  densitySteps,
  fieldPoints,
  planePanel,
  squareOf,
} from './plane.js';
import { pathOf, type RecordedState } from './sampling.js';
import { toyLevels } from './toy-models.js';

const square = squareOf(16);
const nearModes = squareOf(9);

/** The data under the noise of a level, its density and its score. */
export function levelPanel(index: number, data: FloatArray, noise: FloatArray): Panel {
  const level = toyLevels[index]!;
  const density = ncsnMixture().mixture.at(level);
  const grid = densityGrid(square, density, 64);
  const places = fieldPoints(square, 13);
  const scores = places.map((at) => density.score(at) as [number, number]);
  return planePanel(square, {
    title: `σ${'₁₂₃₄₅₆₇₈₉'[index] ?? '₁₀'} = ${numberText(level.sigma, 2)}`,
    marks: [
      densitySteps(grid, densityLevels(grid, 6, 0.01)),
      points(noised(data, level, noise), { radius: 2, opacity: 0.45, colour: palette.blue }),
      arrows(places, scores, { exponent: 0.5, width: 1.7 }),
    ],
  });
}

/** Particles in the last of some states, with the paths of two of them through all. */
export function particlePanel(title: string, states: readonly RecordedState[]): Panel {
  return planePanel(square, {
    title,
    marks: [
      ...byNearestMode(states.at(-1)!.x, 2.2),
      lines(
        [0, 1].map((i) => pathOf(states, i)),
        { colour: '#111', width: 1.8, start: 'circle', end: 'circle', radius: 5 },
      ),
    ],
    legend: false,
  });
}

/** Samples near the modes, with the paths of six particles through some states. */
export function samplesPanel(
  title: string,
  samples: FloatArray,
  states: readonly RecordedState[],
): Panel {
  const paths = states.length === 0 ? [] : [0, 1, 2, 3, 4, 5].map((i) => pathOf(states, i));
  return planePanel(nearModes, {
    title,
    marks: [
      ...byNearestMode(samples, 2.4),
      lines(paths, {
        colour: '#111',
        width: 1.5,
        opacity: 0.8,
        start: 'circle',
        end: 'circle',
        radius: 4.5,
      }),
    ],
  });
}

/** Particles in the colour and shape of the mode that is nearest. */
function byNearestMode(x: FloatArray, radius: number): Mark[] {
  const all = pairsOf(x);
  const isUpper = ([a, b]: readonly [number, number]) => a + b > 0;
  return [
    points(all.filter(isUpper), { ...category(0), radius, opacity: 0.45, label: 'nearer (5, 5)' }),
    points(
      all.filter((at) => !isUpper(at)),
      { ...category(1), radius, opacity: 0.45, label: 'nearer (−5, −5)' },
    ),
  ];
}

/** The weight of the larger mode after plain and annealed dynamics, by the kind of score. */
export function weightPanel(
  weights: Record<'exact' | 'learned', readonly [plain: Estimate, annealed: Estimate]>,
): Panel {
  const series = (kind: 'exact' | 'learned', index: 0 | 1) =>
    bars(
      weights[kind].map(({ value }) => value),
      {
        group: { index, of: 2 },
        colour: category(index).colour,
        hatched: index === 1,
        error: weights[kind].map(({ standardError }) => standardError),
        texts: weights[kind].map(({ value }) => value.toFixed(2)),
        label: `${kind} score`,
      },
    );
  return {
    title: 'Weight of the larger mode',
    x: { categories: ['Langevin', 'annealed Langevin'] },
    y: { label: 'share of particles', domain: [0, 1] },
    ratio: 1.15,
    gridLines: 'y',
    marks: [series('exact', 0), series('learned', 1), horizontalRule(0.8, { label: 'data: 0.8' })],
  };
}
