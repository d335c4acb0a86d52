import { setBackend } from '@tensorflow/tfjs-core';
import {
  createRng,
  type Denoiser,
  type FloatArray,
  hostArray,
  levelAt,
  type Schedule,
  sizeOf,
  TweedieError,
  timeRange,
} from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { mnist } from '@tweedie/data/node';
import { createDenoiser } from '@tweedie/networks';
import { evaluateGrid, heatmap, image, lines, type Panel, palette } from '@tweedie/plots';
import { ddpm } from '@tweedie/samplers';
import { cosine, fullGrid, linear, trailingGrid } from '@tweedie/schedules';
import { loadRun } from '@tweedie/training/node';
import { createModel, type RunConfig, resolveConfig } from 'tweedie';
import { createNodeRegistry } from 'tweedie/node';
import { type Bench, type DrawnFigure, scaled, walk } from './bench.js';
import { idealDenoiser } from './ideal-denoiser.js';

/** Where the chains are shown, as shares of T. */
const shares = [0, 0.15, 0.3, 0.5, 0.75, 1];
const columns = shares.length;

/** Forward and reverse chains: of digits, and of a density on the line that is known exactly. */
export async function figure4(bench: Bench): Promise<DrawnFigure> {
  const rng = bench.rng.fork('figure 4');
  const source = await openDigits(bench);
  try {
    bench.note(`Figure 4: reverse chain of digits (${source.what})`);
    const { schedule } = source;
    const last = schedule.time.kind === 'discrete' ? schedule.time.steps : 1000;
    const reverseSteps = Math.min(last, scaled(bench, last, 20));
    const timeOf = (share: number) =>
      schedule.time.kind === 'discrete'
        ? Math.round(share * (last - 1))
        : schedule.time.start + share * (schedule.time.end - schedule.time.start);
    const forward = shares.map((share) =>
      noised(source.example, schedule, timeOf(share), share, rng),
    );
    const reverse = await reverseDigits(bench, source, reverseSteps, rng.fork('reverse'));
    bench.note('Figure 4: chains on the line');
    const line = await lineChains(bench, rng.fork('line'));
    const names = shares.map((share) =>
      share === 0 ? 'x_{0}' : `x_{${Math.round(share * last)}}`,
    );
    names[columns - 1] = 'x_{T}';
    return {
      figure: {
        title: 'Forward and reverse diffusion',
        subtitle: `q adds noise until nothing is left of the data; the reverse chain takes it away again, in ${reverseSteps} steps`,
        alignColumns: false,
        rowHeight: [150, 150, 300],
        panels: [
          forward.map(
            (pixels, i): Panel => ({
              title: names[i]!,
              bare: true,
              equalAspect: true,
              marks: [picture(pixels, schedule, timeOf(shares[i]!), shares[i]!)],
              note: signalNote(schedule, timeOf(shares[i]!), shares[i]!),
            }),
          ),
          reverse.map(
            (pixels, i): Panel => ({
              title: names[i]!,
              bare: true,
              equalAspect: true,
              marks: [picture(pixels, schedule, timeOf(shares[i]!), shares[i]!)],
            }),
          ),
          line,
        ],
        links: Array.from({ length: columns - 1 }, (_, i) => [
          { from: [0, i] as const, to: [0, i + 1] as const, label: 'q' },
          { from: [1, i + 1] as const, to: [1, i] as const, label: source.reverse, dash: [6, 4] },
        ]).flat(),
        caption:
          `Top: a digit of MNIST in q(x_{t} | x_{0}) = ${isUnscaled(schedule) ? 'N(x_{0}, σ_{t}² I)' : 'N(√ᾱ_{t} x_{0}, (1 − ᾱ_{t}) I)'}. Middle, from right to left: ${source.caption} ` +
          'Bottom: the law of x_{t} for two Gaussians on the line, the colours √q; left, paths of the forward chain; right, of the ' +
          'reverse chain (DDPM’s sampler with the exact E[x_{0} | x_{t}]).',
      },
      numbers: {
        digits: source.what,
        steps: last,
        reverseSteps,
      },
    };
  } finally {
    await source.dispose();
  }
}

/** What draws the digits. */
interface DigitSource {
  readonly what: string;
  /** The reverse kernel: with θ where there is a network. */
  readonly reverse: string;
  readonly caption: string;
  readonly schedule: Schedule;
  readonly denoiser: Denoiser;
  readonly itemShape: readonly number[];
  /** [H, W, C], from −1 to 1 */
  readonly example: FloatArray;
  dispose(): Promise<void>;
}

async function openDigits(bench: Bench): Promise<DigitSource> {
  const count = Math.min(2000, scaled(bench, 2000, 50));
  const digits = mnist({ limit: count }).batch(createRng(bench.seed).fork('digits'), 0, count);
  await setBackend(bench.backend.tensorBackend);
  if (bench.run !== undefined) return openRun(bench, bench.run, firstItem(digits.x));
  const ideal = idealDenoiser(bench, digits.x);
  return {
    what: `ideal denoiser of ${count} digits`,
    reverse: 'p',
    caption:
      `the reverse chain with the ideal denoiser of ${count} training digits, which ends on one of them ` +
      '(a trained network draws new ones: --run).',
    schedule: cosine({}),
    denoiser: ideal.denoise,
    itemShape: [28, 28, 1],
    example: firstItem(digits.x),
    dispose: ideal.dispose,
  };
}

/** @throws TweedieError INVALID_SHAPE when the run does not draw pictures, and as `loadRun` */
async function openRun(bench: Bench, path: string, example: FloatArray): Promise<DigitSource> {
  const registry = createNodeRegistry();
  const loaded = await loadRun(path, {});
  const model = createModel(
    resolveConfig(loaded.config as unknown as RunConfig, registry),
    registry,
  );
  const { itemShape } = model.network;
  if (itemShape.length !== 3) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'cli',
      given: `the run in '${path}' draws items of shape [${itemShape.join(', ')}]`,
      allowed: 'pictures [height, width, channels] for Fig. 4',
      fix: 'name a run of digits, or none',
    });
  }
  const denoiser = createDenoiser({ model, params: loaded.params, backend: bench.backend });
  return {
    what: `network of ${path}, step ${loaded.step}`,
    reverse: 'p_{θ}',
    caption: `the reverse chain of a trained network (${model.network.name}, ${loaded.step} steps).`,
    schedule: model.schedule,
    denoiser,
    itemShape,
    example,
    dispose: () => denoiser.dispose(),
  };
}

function firstItem({ data, shape }: FloatArray): FloatArray {
  const itemShape = shape.slice(1);
  return hostArray(data.slice(0, sizeOf(itemShape)), itemShape);
}

function noised(
  pixels: FloatArray,
  schedule: Schedule,
  t: number,
  share: number,
  rng: ReturnType<typeof createRng>,
): FloatArray {
  if (share === 0) return pixels;
  const { alpha, sigma } = levelAt(schedule, t);
  const noise = rng.fork('forward').normal(pixels.shape);
  return {
    data: pixels.data.map((value, i) => alpha * value + sigma * noise.data[i]!),
    shape: pixels.shape,
  };
}

function signalNote(schedule: Schedule, t: number, share: number): string {
  if (isUnscaled(schedule)) return `σ = ${share === 0 ? '0' : schedule.sigma(t).toFixed(2)}`;
  const alphaBar = share === 0 ? 1 : schedule.alpha(t) ** 2;
  return `ᾱ = ${alphaBar.toFixed(2)}`;
}

/** Whether noise grows around data that keep their scale, as in NCSN. */
function isUnscaled(schedule: Schedule): boolean {
  return schedule.alpha(timeRange(schedule)[1]) === 1;
}

/** A picture whose grey reaches as far as its values do: to ±1 where signal and noise add up to 1. */
function picture(pixels: FloatArray, schedule: Schedule, t: number, share: number) {
  const reach = share === 0 ? 1 : Math.hypot(schedule.alpha(t), schedule.sigma(t));
  return image(pixels, { range: [-reach, reach] });
}

/** The states of one chain at the shown shares, from x₀ to x_T. */
async function reverseDigits(
  bench: Bench,
  { schedule, denoiser, itemShape }: DigitSource,
  steps: number,
  rng: ReturnType<typeof createRng>,
): Promise<FloatArray[]> {
  const grid = trailingGrid(schedule, steps);
  const wanted = shares.map((share) => Math.round((1 - share) * steps));
  const noise = rng.fork('start').normal([1, ...itemShape]);
  const start = { ...noise, data: noise.data.map((value) => value * grid[0]!.sigma) };
  const { stations } = await walk(bench, {
    sampler: ddpm({ clip: 1 }),
    denoiser,
    start,
    grid,
    rng: rng.fork('steps'),
    keep: (step) => wanted.includes(step),
  });
  return wanted.map((step) => firstItem(stations.find((station) => station.step === step)!.x));
}

/** Panels of a law on the line under noise, with paths of both chains. */
async function lineChains(bench: Bench, rng: ReturnType<typeof createRng>): Promise<Panel[]> {
  const data = gaussianMixture({
    weights: [0.6, 0.4],
    means: [1.1, -1.2],
    standardDeviations: [0.18, 0.28],
  });
  const schedule = linear({ steps: 200, betaStart: 5e-4, betaEnd: 0.1 });
  const grid = fullGrid(schedule);
  const paths = 5;
  const { stations } = await walk(bench, {
    sampler: ddpm({}),
    denoiser: data.denoiser,
    start: rng.fork('start').normal([paths, 1]),
    grid,
    rng: rng.fork('steps'),
    keep: () => true,
  });
  const reverse = Array.from({ length: paths }, (_, i) =>
    stations.map(({ step, x }): [number, number] => [200 - step, x.data[i]!]),
  );
  const forward = forwardPaths(schedule, data.mixture.sample(rng.fork('data'), paths).x, rng);
  const range = [-3, 3] as const;
  const law = evaluateGrid({ x: [0, 200], y: range, columns: 100, rows: 120 }, (t, x) => {
    const level = t < 1 ? { alpha: 1, sigma: 0 } : levelAt(schedule, Math.min(199, t - 1));
    // The square root lets the faint middle be seen beside the peaks of the data.
    return Math.sqrt(Math.exp(data.mixture.at(level).logDensity([x])));
  });
  const panel = (title: string, label: string, drawn: [number, number][][]): Panel => ({
    title,
    x: { label, domain: [0, 200] },
    y: { label: 'x_{t}', domain: range },
    ratio: 1.65,
    marks: [
      heatmap(law, { ramp: 'blues', smooth: true }),
      lines(drawn, {
        colour: palette.vermillion,
        width: 1.5,
        end: 'circle',
        start: 'circle',
        radius: 5,
      }),
    ],
  });
  return [
    panel('Forward: data → noise', 'step t', forward),
    panel('Reverse: noise → data', 'step t, from right to left', reverse),
  ];
}

/** x_t = √(1 − β_t) x_{t−1} + √β_t z from each point on. */
function forwardPaths(
  schedule: Schedule,
  start: FloatArray,
  rng: ReturnType<typeof createRng>,
): [number, number][][] {
  const noise = rng.fork('forward').normal([start.shape[0]!, 200]);
  return Array.from(start.data, (x0, i) => {
    let x = x0;
    const path: [number, number][] = [[0, x]];
    for (let t = 0; t < 200; t++) {
      const kept = schedule.alpha(t) / (t === 0 ? 1 : schedule.alpha(t - 1));
      x = kept * x + Math.sqrt(1 - kept ** 2) * noise.data[200 * i + t]!;
      path.push([t + 1, x]);
    }
    return path;
  });
}
