import { levelAt, noisePrediction } from '@tweedie/core';
import { gaussianMixture, twoMoons } from '@tweedie/data';
import { denoisingScoreMatching } from '@tweedie/losses';
import { mlp } from '@tweedie/networks';
import { arrows, category, contours, lines, points } from '@tweedie/plots';
import { langevin } from '@tweedie/samplers';
import { constantGrid, geometric } from '@tweedie/schedules';
import { pairsOf } from './arrays.js';
import { type DrawnFigure, type FigureContext, scaled } from './context.js';
import {
  densityGrid,
  densityLevels,
  densitySteps,
  fieldPoints,
  planePanel,
  sharingYLabel,
  squareOf,
} from './plane.js';
import { pathOf, recordSampling, scoresAt, withDenoiser } from './sampling.js';
import { planeTraining, trainModel } from './train-model.js';

const sigma = 0.15;
const square = squareOf(3);
const stepSize = 0.01;
const particles = 400;
/** Paths that are drawn, and how many of their steps. */
const pathCount = 7;
const pathSteps = 90;

/**
 * Score-based generative modelling at a glance: data, the score field that a network learned from
 * them, and Langevin dynamics that follow it from noise to data.
 */
export async function scoreAndLangevinFigure(context: FigureContext): Promise<DrawnFigure> {
  const rng = context.rng.fork('figure 1');
  const data = twoMoons();
  const schedule = geometric({ steps: 8, sigmaMin: sigma, sigmaMax: 4 });
  const level = levelAt(schedule, 0);
  const trained = await trainModel(context, {
    task: 'Figure 1: score of two moons',
    model: {
      network: mlp({ widths: [128, 128, 128], timeEmbedding: 'raw' }),
      parameterization: noisePrediction({ conditionOn: 'logSigma' }),
      schedule,
    },
    loss: denoisingScoreMatching({}),
    data,
    options: { ...planeTraining, steps: scaled(context, 3000) },
  });

  const drawn = data.batch(rng.fork('data'), 0, 1500).x;
  // q_σ of many points: each is the centre of a Gaussian.
  const smoothed = gaussianMixture({
    weights: new Array<number>(1500).fill(1),
    means: [...drawn.data],
    standardDeviations: [sigma],
  }).mixture;
  const density = densityGrid(square, smoothed, 72);
  const places = fieldPoints(square, 19);
  const iterations = scaled(context, 800, 8);
  const start = rng.fork('start').uniform([particles, 2], -3, 3);
  const { field, chain } = await withDenoiser(context, trained, async (denoiser) => ({
    field: pairsOf(await scoresAt(denoiser, places, level)),
    chain: await recordSampling(context, {
      sampler: langevin({ stepSize }),
      denoiser,
      start,
      grid: constantGrid(schedule, iterations),
      rng: rng.fork('langevin'),
      keep: (step) => step <= pathSteps || step === iterations,
    }),
  }));
  const early = chain.states.filter(({ step }) => step <= pathSteps);
  const levels = densityLevels(density, 7, 0.02).slice(0, -1);

  return {
    figure: {
      title: 'Score-based generative modelling: score matching + Langevin dynamics',
      panels: [
        sharingYLabel([
          planePanel(square, {
            title: 'Data xᵢ ~ p_{data}(x)',
            marks: [points(drawn, { radius: 2.6, opacity: 0.45 })],
          }),
          planePanel(square, {
            title: 'Learned score s_{θ}(x)',
            marks: [
              densitySteps(density, levels),
              arrows(places, field, { exponent: 0.5, width: 1.9 }),
            ],
          }),
          planePanel(square, {
            title: 'Langevin dynamics',
            legend: 'top-right',
            marks: [
              points(chain.end, { radius: 2.6, opacity: 0.4, label: 'samples' }),
              contours(density, { levels: levels.slice(0, 1), opacity: 0.8 }),
              lines(
                Array.from({ length: pathCount }, (_, i) => pathOf(early, i)),
                {
                  ...category(1),
                  dash: [],
                  width: 1.6,
                  start: 'circle',
                  end: 'arrow',
                  radius: 5,
                  label: 'paths from noise',
                },
              ),
            ],
          }),
        ]),
      ],
      caption:
        `Two moons. Middle: a network trained by denoising score matching, at σ = ${sigma}, over the density q_{σ} of ` +
        `the data with this noise; arrows are as long as √‖s‖. Right: x̃_{t} = x̃_{t−1} + (ε/2) s_{θ}(x̃_{t−1}) + √ε z_{t}, ε = ${stepSize}: ` +
        `the first ${pathSteps} steps of ${pathCount} paths (rings: uniform noise), and ${particles} samples after ${iterations} steps.`,
    },
    numbers: { sigma, stepSize, iterations, finalLoss: trained.records.at(-1)!.loss },
  };
}
