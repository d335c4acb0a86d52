import type { Tensor } from '@tensorflow/tfjs-core';
import type { Denoiser, FloatArray, Level } from '@tweedie/core';
import { ncsnMixture } from '@tweedie/data';
import { type Estimate, modeWeights } from '@tweedie/metrics';
import {
  arrows,
  bars,
  category,
  horizontalRule,
  lines,
  numberText,
  type Panel,
  palette,
  points,
} from '@tweedie/plots';
import { annealedLangevin, denoiserFromScore, langevin } from '@tweedie/samplers';
import { repeatLevels } from '@tweedie/schedules';
import {
  type Bench,
  compiledByLevel,
  type DrawnFigure,
  pathOf,
  rounded,
  type Station,
  scaled,
  walk,
  withDenoiser,
} from './bench.js';
import {
  besideOneAnother,
  densityGrid,
  densityLevels,
  densitySteps,
  fieldPoints,
  planePanel,
  squareOf,
} from './plane.js';
import { annealedToy, plainLevel, slicedToy, toyLevels } from './toy-models.js';

const square = squareOf(16);
const near = squareOf(9);
const centres = [
  [5, 5],
  [-5, -5],
];
const shownLevels = [0, 3, 6, 9];
const stepSize = 0.1;
/** Iterations at the end of a level that are drawn of a particle. */
const wiggle = 12;

/**
 * Noise levels and annealed Langevin dynamics: the perturbed data and their scores, particles that
 * walk through the levels, and the weights of the modes that they find.
 */
export async function figure3(bench: Bench): Promise<DrawnFigure> {
  const rng = bench.rng.fork('figure 3');
  const data = ncsnMixture();
  const drawn = data.batch(rng.fork('data'), 0, 700).x;
  const noise = rng.fork('noise').normal(drawn.shape);
  const particles = scaled(bench, 1280, 64);
  const start = rng.fork('start').uniform([particles, 2], -8, 8);
  const perLevel = scaled(bench, 100, 2);
  const plainSteps = scaled(bench, 1000, 4);

  const plain = (denoiser: Denoiser) =>
    walk(bench, {
      sampler: langevin({ stepSize }),
      denoiser,
      start,
      grid: new Array<Level>(plainSteps + 1).fill(plainLevel),
      rng: rng.fork('langevin'),
      keep: (step) => step <= 60,
    });
  // One iteration a step, so that every state can be drawn; the last level is arrived at twice.
  const grid = repeatLevels([...toyLevels, toyLevels.at(-1)!], perLevel);
  const annealed = (denoiser: Denoiser) =>
    walk(bench, {
      sampler: annealedLangevin({ stepSize, stepsPerLevel: 1, denoise: false }),
      denoiser,
      start,
      grid,
      rng: rng.fork('annealed'),
      keep: (step) => (step - 1) % perLevel >= perLevel - 1 - wiggle,
    });
  bench.note('Figure 3: Langevin dynamics with the exact score');
  const score = compiledByLevel(bench, (x: Tensor) => data.score(x, { t: 0, alpha: 1, sigma: 0 }));
  const denoiser = compiledByLevel(bench, (x, level) => data.denoiser(x, level) as Tensor);
  const exact = {
    plain: await plain(denoiserFromScore(score.call)),
    annealed: await annealed(denoiser.call),
  };
  await score.dispose();
  await denoiser.dispose();
  const sliced = await slicedToy(bench);
  const ncsn = await annealedToy(bench);
  bench.note('Figure 3: Langevin dynamics with learned scores');
  const learned = {
    plain: await withDenoiser(bench, sliced, plain),
    annealed: await withDenoiser(bench, ncsn, annealed),
  };
  const weight = ({ end }: { end: FloatArray }) => modeWeights(end, centres).weights[0]!;
  const weights = {
    exact: [weight(exact.plain), weight(exact.annealed)],
    learned: [weight(learned.plain), weight(learned.annealed)],
  };

  return {
    figure: {
      title: 'Noise levels σ₁ > … > σ_{L} and annealed Langevin dynamics',
      subtitle: 'Far apart, the modes are invisible to one another; at large noise they are one',
      alignColumns: false,
      panels: [
        besideOneAnother(shownLevels.map((index) => levelPanel(index, drawn, noise))),
        besideOneAnother(
          shownLevels.map((index) => particlePanel(index, perLevel, learned.annealed.stations)),
        ),
        [
          resultPanel('Langevin dynamics', learned.plain.end, learned.plain.stations),
          resultPanel('Annealed Langevin', learned.annealed.end, []),
          weightPanel(weights),
        ],
      ],
      links: [0, 1, 2].flatMap((column) => [
        { from: [1, column] as const, to: [1, column + 1] as const },
      ]),
      caption:
        `p = 0.8 N((5, 5), I) + 0.2 N((−5, −5), I); L = 10 levels, σ from 20 to 1. Top: data with noise, and ∇ log q_{σ} ` +
        '(arrows as long as √‖s‖, panel by panel). Middle: particles at the end of a level, from uniform noise on [−8, 8]², ' +
        `with a learned score: x ← x + (αᵢ/2) s_{θ}(x, σᵢ) + √αᵢ z, αᵢ = ${stepSize} σᵢ²/σ_{L}², ${perLevel} times a level. ` +
        `Langevin: ${plainSteps} steps of ε = ${stepSize}, black: the first 60 of six. Middle, black: the last ${wiggle} of two. ` +
        `${particles} particles; error bars are one standard error.`,
    },
    numbers: {
      trueWeight: 0.8,
      exactScore: summary(weights.exact),
      learnedScore: summary(weights.learned),
      particles,
    },
  };
}

function summary([plain, annealed]: readonly Estimate[]) {
  const both = ({ value, standardError }: Estimate) => ({
    weight: rounded(value),
    standardError: rounded(standardError),
  });
  return { langevin: both(plain!), annealedLangevin: both(annealed!) };
}

function sigmaText(index: number): string {
  return `σ${'₁₂₃₄₅₆₇₈₉'[index] ?? '₁₀'} = ${numberText(toyLevels[index]!.sigma, 2)}`;
}

function levelPanel(index: number, drawn: FloatArray, noise: FloatArray): Panel {
  const level = toyLevels[index]!;
  const density = ncsnMixture().mixture.at(level);
  const grid = densityGrid(square, density, 64);
  const places = fieldPoints(square, 13);
  const perturbed = {
    data: drawn.data.map((value, i) => value + level.sigma * noise.data[i]!),
    shape: drawn.shape,
  };
  return planePanel(square, {
    title: sigmaText(index),
    marks: [
      densitySteps(grid, densityLevels(grid, 6, 0.01)),
      points(perturbed, { radius: 2, opacity: 0.45, colour: palette.blue }),
      arrows(
        places,
        places.map((at) => density.score(at) as [number, number]),
        {
          exponent: 0.5,
          width: 1.7,
        },
      ),
    ],
  });
}

function particlePanel(index: number, perLevel: number, stations: readonly Station[]): Panel {
  const last = (index + 1) * perLevel;
  const end = stations.findIndex(({ step }) => step === last);
  const way = stations.slice(Math.max(0, end - wiggle), end + 1);
  return planePanel(square, {
    title: `End of level ${index + 1}`,
    marks: [
      ...byMode(stations[end]!.x, 2.2),
      lines(
        [0, 1].map((i) => pathOf(way, i)),
        { colour: '#111', width: 1.8, start: 'circle', end: 'circle', radius: 5 },
      ),
    ],
    legend: false,
  });
}

/** Particles in the colour and shape of the mode that is nearest. */
function byMode(x: FloatArray, radius: number) {
  const all = Array.from({ length: x.shape[0]! }, (_, i): [number, number] => [
    x.data[2 * i]!,
    x.data[2 * i + 1]!,
  ]);
  const isUpper = ([a, b]: readonly [number, number]) => a + b > 0;
  return [
    points(all.filter(isUpper), { ...category(0), radius, opacity: 0.45, label: 'nearer (5, 5)' }),
    points(
      all.filter((at) => !isUpper(at)),
      { ...category(1), radius, opacity: 0.45, label: 'nearer (−5, −5)' },
    ),
  ];
}

function resultPanel(title: string, end: FloatArray, first: readonly Station[]): Panel {
  return planePanel(near, {
    title,
    marks: [
      ...byMode(end, 2.4),
      lines(first.length === 0 ? [] : [0, 1, 2, 3, 4, 5].map((i) => pathOf(first, i)), {
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

function weightPanel(weights: Record<'exact' | 'learned', readonly Estimate[]>): Panel {
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
