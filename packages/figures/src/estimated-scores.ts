import type { Density, FloatArray, Level } from '@tweedie/core';
import { floats } from '@tweedie/core';
import { ncsnMixture } from '@tweedie/data';
import { errorByDensity, fisherDivergence, squaredScoreErrors } from '@tweedie/metrics';
import {
  arrows,
  bars,
  category,
  cellCentres,
  contours,
  type Grid,
  heatmap,
  horizontalRule,
  numberText,
  type Panel,
} from '@tweedie/plots';
import { noised, pairsOf, rounded, rowsOf } from './arrays.js';
import type { DrawnFigure, FigureContext } from './context.js';
import {
  densityGrid,
  densityLevels,
  densitySteps,
  fieldPoints,
  planePanel,
  sharingYLabel,
  squareOf,
} from './plane.js';
import { scoresAt, withDenoiser } from './sampling.js';
import { annealedToyModel, cleanLevel, slicedToyModel, toyLevels } from './toy-models.js';
import type { TrainedModel } from './train-model.js';

const square = squareOf(8);
const cells = 64;
/** The points of the square are sorted by density and divided into five parts of one size. */
const quantiles = [0.2, 0.4, 0.6, 0.8];
const bandNames = ['least dense\nfifth', 'second', 'third', 'fourth', 'densest\nfifth'];
/** Of the paper's ten levels one at which the noise fills the gap between the modes. */
const noisy = toyLevels[6]!;

/** A learned score and the exact one of a density. */
interface Comparison {
  readonly density: Density;
  readonly exact: [number, number][];
  readonly estimated: [number, number][];
  readonly error: Grid;
  /** The mean of ‖s − ∇log p‖² over that of ‖∇log p‖² in each band of density. */
  readonly relative: readonly number[];
  readonly fisher: { readonly value: number; readonly standardError: number };
}

/**
 * Estimated and exact scores: accurate where there are data, inaccurate where there are none, which
 * noise remedies.
 */
export async function estimatedScoresFigure(context: FigureContext): Promise<DrawnFigure> {
  const { mixture } = ncsnMixture();
  const clean = await compare(context, await slicedToyModel(context), mixture, cleanLevel);
  const smoothed = await compare(
    context,
    await annealedToyModel(context),
    mixture.at(noisy),
    noisy,
  );
  const sigma = numberText(noisy.sigma, 2);
  const looks = [category(0), category(1)];
  const top =
    10 ** Math.ceil(Math.log10(Math.max(...clean.relative, ...smoothed.relative, 1)) + 0.15);
  const bottom =
    10 ** Math.floor(Math.log10(Math.min(...clean.relative, ...smoothed.relative)) - 0.1);
  return {
    figure: {
      title: 'Estimated scores are accurate only where there are data',
      subtitle:
        'Noise fills the gaps: below, the same two Gaussians and a network that learned their perturbed scores',
      panels: [
        row(clean, ['Exact ∇ log p(x)', 'Estimated s_{θ}(x)', 'Error']),
        row(smoothed, [
          `Exact ∇ log q_{σ}, σ = ${sigma}`,
          `Estimated s_{θ}, σ = ${sigma}`,
          `Error, σ = ${sigma}`,
        ]),
        [
          {
            title: 'Error by density',
            x: {
              categories: bandNames,
              label: 'points of the square above, by density',
            },
            y: { label: 'E‖s_{θ} − ∇ log p‖² / E‖∇ log p‖²', scale: 'log', domain: [bottom, top] },
            ratio: 3.6,
            gridLines: 'y',
            marks: [
              bars(clean.relative, {
                group: { index: 0, of: 2 },
                colour: looks[0]!.colour,
                texts: clean.relative.map((value) => numberText(value, 2)),
                label: 'no noise, sliced score matching',
              }),
              bars(smoothed.relative, {
                group: { index: 1, of: 2 },
                colour: looks[1]!.colour,
                hatched: true,
                texts: smoothed.relative.map((value) => numberText(value, 2)),
                label: `noise σ = ${sigma}, denoising score matching`,
              }),
              horizontalRule(1, { label: 'error of s = 0' }),
            ],
          },
        ],
      ],
      caption:
        'p = 0.8 N((5, 5), I) + 0.2 N((−5, −5), I), as in Song & Ermon (2019). Blue areas and white lines: density. ' +
        'Arrows are as long as √‖s‖. Both networks have two layers of 128 units and saw as many points.',
    },
    numbers: {
      quantiles,
      withoutNoise: summary(clean),
      withNoise: { sigma: rounded(noisy.sigma), ...summary(smoothed) },
    },
  };
}

function summary({ relative, fisher }: Comparison) {
  return {
    relativeErrorByDensity: relative.map((value) => rounded(value)),
    fisherDivergence: rounded(fisher.value),
    standardError: rounded(fisher.standardError),
  };
}

async function compare(
  context: FigureContext,
  trained: TrainedModel,
  density: Density,
  level: Level,
): Promise<Comparison> {
  const places = fieldPoints(square);
  const shape = { ...square, columns: cells, rows: cells };
  const centres = cellCentres(shape);
  const drawn = ncsnMixture().batch(context.rng.fork('figure 2'), 0, 4000).x;
  const noise = context.rng.fork('figure 2 noise').normal(drawn.shape);
  const seen = rowsOf(level === cleanLevel ? drawn : noised(drawn, level, noise));
  return withDenoiser(context, trained, async (denoiser) => {
    const onGrid = await scoresAt(denoiser, centres, level);
    const exactOnGrid = exactScores(density, centres);
    const errors = squaredScoreErrors(onGrid, exactOnGrid);
    const logDensity = centres.map((at) => density.logDensity(at));
    const exactSeen = exactScores(density, seen);
    const estimatedSeen = await scoresAt(denoiser, seen, level);
    return {
      density,
      exact: places.map((at) => density.score(at) as [number, number]),
      estimated: pairsOf(await scoresAt(denoiser, places, level)),
      error: { ...shape, values: errors },
      relative: relativeErrors(logDensity, errors, exactOnGrid),
      fisher: fisherDivergence(estimatedSeen, exactSeen),
    };
  });
}

function relativeErrors(
  logDensity: readonly number[],
  errors: ArrayLike<number>,
  exact: FloatArray,
): number[] {
  const { bands, cuts } = errorByDensity(logDensity, errors, { quantiles });
  const zero = { data: new Float32Array(exact.data.length), shape: exact.shape };
  const sizes = errorByDensity(logDensity, squaredScoreErrors(exact, zero), { cuts });
  return bands.map(({ value }, i) => value / sizes.bands[i]!.value);
}

function exactScores(density: Density, at: readonly (readonly number[])[]): FloatArray {
  return floats(
    at.flatMap((x) => density.score(x)),
    [at.length, 2],
  );
}

function row(
  { density, exact, estimated, error }: Comparison,
  [first, second, third]: readonly [string, string, string],
): Panel[] {
  const places = fieldPoints(square);
  const grid = densityGrid(square, density);
  const levels = densityLevels(grid, 7, 0.003);
  const filled = densitySteps(grid, levels);
  // One scale for both fields, so that they can be compared.
  const reference = Math.max(...exact.map((score) => Math.hypot(...score)));
  const field = (vectors: [number, number][]) =>
    arrows(places, vectors, { exponent: 0.5, reference, width: 1.8 });
  return sharingYLabel([
    planePanel(square, { title: first, marks: [filled, field(exact)] }),
    planePanel(square, { title: second, marks: [filled, field(estimated)] }),
    planePanel(square, {
      title: third,
      marks: [
        heatmap(error, { scale: 'log', domain: [1e-4, 1e2] }),
        contours(grid, {
          levels: levels.filter((_, i) => i % 2 === 0),
          colour: '#fff',
          width: 1.6,
        }),
      ],
      colourBar: { label: '‖s_{θ} − ∇ log p‖²' },
    }),
  ]);
}
