import type { Tensor } from '@tensorflow/tfjs-core';
import type { Denoiser, FloatArray, Level } from '@tweedie/core';
import { ncsnMixture } from '@tweedie/data';
import { denoiserFromScore, exactDenoiser, exactScore } from '@tweedie/denoisers';
import { type Estimate, modeWeights } from '@tweedie/metrics';
import { annealedLangevin, langevin } from '@tweedie/samplers';
import { repeatLevels } from '@tweedie/schedules';
import {
  levelPanel,
  particlePanel,
  samplesPanel,
  weightPanel,
} from './annealed-langevin-panels.js';
import { rounded } from './arrays.js';
import { type DrawnFigure, type FigureContext, scaled } from './context.js';
import { sharingYLabel } from './plane.js';
import { compiledByLevel, type RecordedState, recordSampling, withDenoiser } from './sampling.js';
import { annealedToyModel, cleanLevel, slicedToyModel, toyLevels } from './toy-models.js';

const modes = [
  [5, 5],
  [-5, -5],
];
const shownLevels = [0, 3, 6, 9];
const stepSize = 0.1;
/** First steps of plain Langevin dynamics, and last ones of each level, that are drawn as paths. */
const firstSteps = 60;
const lastSteps = 12;

interface Samples {
  readonly states: readonly RecordedState[];
  readonly end: FloatArray;
}

/** Plain and annealed dynamics with one kind of score. */
interface Dynamics {
  readonly plain: Samples;
  readonly annealed: Samples;
}

/**
 * Noise levels and annealed Langevin dynamics: the perturbed data and their scores, particles that
 * pass through the levels, and the weights of the modes in which they end.
 */
export async function annealedLangevinFigure(context: FigureContext): Promise<DrawnFigure> {
  const rng = context.rng.fork('figure 3');
  const drawn = ncsnMixture().batch(rng.fork('data'), 0, 700).x;
  const noise = rng.fork('noise').normal(drawn.shape);
  const particles = scaled(context, 1280, 64);
  const start = rng.fork('start').uniform([particles, 2], -8, 8);
  const perLevel = scaled(context, 100, 2);
  const plainSteps = scaled(context, 1000, 4);

  const plain = (denoiser: Denoiser): Promise<Samples> =>
    recordSampling(context, {
      sampler: langevin({ stepSize }),
      denoiser,
      start,
      grid: new Array<Level>(plainSteps + 1).fill(cleanLevel),
      rng: rng.fork('langevin'),
      keep: (step) => step <= firstSteps,
    });
  // One iteration a step, so that every state can be recorded; a walk of n steps has n + 1 levels.
  const grid = repeatLevels([...toyLevels, toyLevels.at(-1)!], perLevel);
  const annealed = (denoiser: Denoiser): Promise<Samples> =>
    recordSampling(context, {
      sampler: annealedLangevin({ stepSize, stepsPerLevel: 1, denoise: false }),
      denoiser,
      start,
      grid,
      rng: rng.fork('annealed'),
      keep: (step) => (step - 1) % perLevel >= perLevel - 1 - lastSteps,
    });

  context.report({ task: 'Figure 3: Langevin dynamics with the exact score' });
  const exact = await withExactScores(context, plain, annealed);
  const sliced = await slicedToyModel(context);
  const ncsn = await annealedToyModel(context);
  context.report({ task: 'Figure 3: Langevin dynamics with learned scores' });
  const learned = {
    plain: await withDenoiser(context, sliced, plain),
    annealed: await withDenoiser(context, ncsn, annealed),
  };
  const weights = { exact: weightsOf(exact), learned: weightsOf(learned) };

  return {
    figure: {
      title: 'Noise levels σ₁ > … > σ_{L} and annealed Langevin dynamics',
      subtitle:
        'Far apart, the modes do not show in each other’s score; at large noise they merge into one',
      alignColumns: false,
      panels: [
        sharingYLabel(shownLevels.map((index) => levelPanel(index, drawn, noise))),
        sharingYLabel(
          shownLevels.map((index) => {
            const last = (index + 1) * perLevel;
            const states = learned.annealed.states.filter(
              ({ step }) => step <= last && step >= last - lastSteps,
            );
            return particlePanel(`End of level ${index + 1}`, states);
          }),
        ),
        [
          samplesPanel('Langevin dynamics', learned.plain.end, learned.plain.states),
          samplesPanel('Annealed Langevin', learned.annealed.end, []),
          weightPanel(weights),
        ],
      ],
      links: [0, 1, 2].map((column) => ({
        from: [1, column] as const,
        to: [1, column + 1] as const,
      })),
      caption:
        `p = 0.8 N((5, 5), I) + 0.2 N((−5, −5), I); L = 10 levels, σ from 20 to 1. Top: data with noise, and ∇ log q_{σ} ` +
        '(arrows as long as √‖s‖, panel by panel). Middle: particles at the end of a level, from uniform noise on [−8, 8]², ' +
        `with a learned score: x ← x + (αᵢ/2) s_{θ}(x, σᵢ) + √αᵢ z, αᵢ = ${stepSize} σᵢ²/σ_{L}², ${perLevel} times a level. ` +
        `Langevin: ${plainSteps} steps of ε = ${stepSize}, black: the first ${firstSteps} of six particles. ` +
        `Middle, black: the last ${lastSteps} of two. ${particles} particles; error bars are one standard error.`,
    },
    numbers: {
      trueWeight: 0.8,
      exactScore: summary(weights.exact),
      learnedScore: summary(weights.learned),
      particles,
    },
  };
}

async function withExactScores(
  context: FigureContext,
  plain: (denoiser: Denoiser) => Promise<Samples>,
  annealed: (denoiser: Denoiser) => Promise<Samples>,
): Promise<Dynamics> {
  const data = ncsnMixture();
  const noNoise = { t: 0, alpha: 1, sigma: 0 };
  const score = compiledByLevel(context, (x: Tensor) => exactScore(data.mixture)(x, noNoise));
  const denoiser = compiledByLevel(context, (x, level) => exactDenoiser(data.mixture)(x, level));
  try {
    return {
      plain: await plain(denoiserFromScore(score.call)),
      annealed: await annealed(denoiser.call),
    };
  } finally {
    await score.dispose();
    await denoiser.dispose();
  }
}

/** The estimated weight of the larger mode after plain and after annealed dynamics. */
function weightsOf({ plain, annealed }: Dynamics): readonly [Estimate, Estimate] {
  const weight = ({ end }: Samples) => modeWeights(end, modes).weights[0]!;
  return [weight(plain), weight(annealed)];
}

function summary([plain, annealed]: readonly [Estimate, Estimate]) {
  const both = ({ value, standardError }: Estimate) => ({
    weight: rounded(value),
    standardError: rounded(standardError),
  });
  return { langevin: both(plain), annealedLangevin: both(annealed) };
}
