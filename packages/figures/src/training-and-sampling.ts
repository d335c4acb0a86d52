import { type FloatArray, levelAt, noisePrediction, type Rng } from '@tweedie/core';
import { twoMoons } from '@tweedie/data';
import { simpleLoss } from '@tweedie/losses';
import { slicedWasserstein } from '@tweedie/metrics';
import { mlp } from '@tweedie/networks';
import {
  type ArrowsOptions,
  arrows,
  category,
  curve,
  numberText,
  type Panel,
  palette,
  points,
} from '@tweedie/plots';
import { ddpm } from '@tweedie/samplers';
import { cosine, trailingGrid } from '@tweedie/schedules';
import { noised, pairsOf, rounded } from './arrays.js';
import { type DrawnFigure, type FigureContext, scaled } from './context.js';
import { planePanel, sharingYLabel, squareOf } from './plane.js';
import { denoisedOf, recordSampling, withDenoiser } from './sampling.js';
import { planeTraining, type TrainedModel, trainModel } from './train-model.js';

const square = squareOf(3);
const samplingSteps = 100;
const shownTimes = [1, 0.6, 0.3, 0];

/** Training and sampling of a DDPM at work: the loss, samples as training goes on, and the chain. */
export async function trainingAndSamplingFigure(context: FigureContext): Promise<DrawnFigure> {
  const rng = context.rng.fork('figure 5');
  const data = twoMoons();
  const schedule = cosine({});
  const steps = scaled(context, 3500, 8);
  const stops = [0.02, 0.15, 1].map((share) => Math.max(1, Math.round(share * steps)));
  const trained = await trainModel(context, {
    task: 'Figure 5: DDPM on two moons',
    model: {
      network: mlp({ widths: [128, 128, 128], timeEmbedding: 'raw' }),
      parameterization: noisePrediction({ conditionOn: 'halfLogSnr' }),
      schedule,
    },
    loss: simpleLoss({}),
    data,
    options: { ...planeTraining, clipNorm: 1, steps },
    snapshotsAt: stops,
  });
  context.report({ task: 'Figure 5: sampling' });
  const count = scaled(context, 700, 32);
  const truth = data.batch(rng.fork('truth'), 0, 2000).x;
  const chains = [];
  for (const { step, params } of trained.snapshots) {
    const chain = await sample(context, { ...trained, params }, count, rng);
    chains.push({ step, ...chain });
  }
  const last = chains.at(-1)!;
  const distances = chains.map(({ end }) =>
    slicedWasserstein(end, truth, { rng: rng.fork('distance') }),
  );
  const T = 1000;

  return {
    figure: {
      title: 'A DDPM at work: training (Algorithm 1) and sampling (Algorithm 2)',
      alignColumns: false,
      panels: [
        [await trainingStep(context, trained, rng.fork('step')), lossPanel(trained)],
        sharingYLabel([
          planePanel(square, {
            title: 'Data x_{0}',
            marks: [points(firstOf(truth, 700), { radius: 2.2, opacity: 0.5, colour: '#555' })],
          }),
          ...chains.map(({ step, end }, i) =>
            planePanel(square, {
              title: `After ${step} step${step === 1 ? '' : 's'}`,
              marks: [points(end, { radius: 2.2, opacity: 0.5, ...category(0) })],
              note: `sliced W₂ = ${numberText(distances[i]!.value, 2)}`,
            }),
          ),
        ]),
        sharingYLabel(
          shownTimes.map((share) => {
            const state = last.states.find(({ step }) => step === stepOf(share))!;
            const t = Math.round(share * T);
            return planePanel(square, {
              title: share === 1 ? `x_{T}, T = ${T}` : `x_{${t}}`,
              marks: [
                points(state.x, { radius: 2.2, opacity: 0.5, ...category(1), shape: 'circle' }),
              ],
            });
          }),
        ),
      ],
      links: [0, 1, 2].map((column) => ({
        from: [2, column] as const,
        to: [2, column + 1] as const,
        label: 'p_{θ}',
      })),
      caption:
        'Algorithm 1: x_{0} ~ q(x_{0}), t ~ U{1 … T}, ε ~ N(0, I), descend on L_{simple} = ‖ε − ε_{θ}(√ᾱ_{t} x_{0} + √(1 − ᾱ_{t}) ε, t)‖². ' +
        'Second row: samples of the network as it learns. Third row, Algorithm 2: x_{t−1} = (x_{t} − (1 − α_{t})/√(1 − ᾱ_{t}) ε_{θ}(x_{t}, t))/√α_{t} + σ_{t} z, ' +
        `here in ${samplingSteps} of T = ${T} steps.`,
    },
    numbers: {
      steps,
      finalLoss: rounded(mean(trained.records.slice(-200).map(({ loss }) => loss))),
      slicedWasserstein: chains.map(({ step }, i) => ({
        step,
        value: rounded(distances[i]!.value),
      })),
    },
  };
}

function stepOf(share: number): number {
  return Math.round((1 - share) * samplingSteps);
}

function sample(
  context: FigureContext,
  trained: Pick<TrainedModel, 'model' | 'params'>,
  count: number,
  rng: Rng,
) {
  return withDenoiser(context, trained, (denoiser) =>
    recordSampling(context, {
      sampler: ddpm({ clip: 3 }),
      denoiser,
      start: rng.fork('start').normal([count, 2]),
      grid: trailingGrid(trained.model.schedule, samplingSteps),
      rng: rng.fork('chain'),
      keep: (step) => shownTimes.some((share) => stepOf(share) === step),
    }),
  );
}

/** What one step of Algorithm 1 compares: the noise that was added, and the network's prediction. */
async function trainingStep(
  context: FigureContext,
  trained: TrainedModel,
  rng: Rng,
): Promise<Panel> {
  const level = levelAt(trained.model.schedule, 400);
  const count = 20;
  const x0 = twoMoons().batch(rng.fork('data'), 0, count).x;
  const noise = rng.fork('noise').normal([count, 2]);
  const xt = noised(x0, level, noise);
  const denoised = await withDenoiser(context, trained, (denoiser) =>
    denoisedOf(denoiser, xt, level),
  );
  // ε̂ = (x_t − α E[x₀ | x_t])/σ
  const predicted = {
    data: denoised.data.map((value, i) => (xt.data[i]! - level.alpha * value) / level.sigma),
    shape: xt.shape,
  };
  const arrowsOf = (vectors: FloatArray, options: ArrowsOptions) =>
    arrows(xt, pairsOf(vectors), {
      length: 78,
      reference: 2.5,
      pivot: 'tail',
      width: 2,
      ...options,
    });
  return planePanel(square, {
    title: 'A training step, t = 400',
    marks: [
      points(x0, { radius: 3.5, opacity: 0.9, colour: '#999', label: 'x_{0}' }),
      points(xt, { radius: 4, opacity: 1, colour: palette.black, label: 'x_{t}' }),
      arrowsOf(noise, { colour: palette.sky, width: 4, label: 'ε' }),
      arrowsOf(predicted, { colour: palette.vermillion, label: 'ε_{θ}(x_{t}, t)' }),
    ],
  });
}

function lossPanel({ records }: TrainedModel): Panel {
  const size = Math.max(1, Math.round(records.length / 80));
  const blocks = Array.from({ length: Math.floor(records.length / size) }, (_, i) =>
    records.slice(i * size, (i + 1) * size),
  );
  const values = blocks.map((block) => block.map(({ loss }) => loss));
  return {
    title: 'Loss L_{simple}',
    x: { label: 'training step', domain: [0, records.length] },
    y: { label: 'mean ‖ε − ε_{θ}‖² / 2' },
    ratio: 1.75,
    gridLines: 'y',
    marks: [
      curve(
        blocks.map((block) => mean(block.map(({ step }) => step))),
        values.map(mean),
        {
          error: values.map(deviation),
          label: `mean and standard deviation of ${size} batches of 512`,
        },
      ),
    ],
  };
}

function firstOf({ data, shape }: FloatArray, count: number): FloatArray {
  return { data: data.slice(0, 2 * count), shape: [count, shape[1]!] };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}
