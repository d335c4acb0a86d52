import { type FloatArray, levelAt, type Rng, type Schedule } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { exactDenoiser } from '@tweedie/denoisers';
import { evaluateGrid, heatmap, lines, type Panel, palette } from '@tweedie/plots';
import { ddpm } from '@tweedie/samplers';
import { fullGrid, linear } from '@tweedie/schedules';
import type { FigureContext } from './context.js';
import { recordSampling } from './sampling.js';

const steps = 200;
const pathCount = 5;
const range = [-3, 3] as const;

type Path = [t: number, x: number][];

/** Panels of a distribution on the line under noise, with paths of the forward and reverse chain. */
export async function lineChains(context: FigureContext, rng: Rng): Promise<Panel[]> {
  const data = gaussianMixture({
    weights: [0.6, 0.4],
    means: [1.1, -1.2],
    standardDeviations: [0.18, 0.28],
  });
  const schedule = linear({ steps, betaStart: 5e-4, betaEnd: 0.1 });
  const { states } = await recordSampling(context, {
    sampler: ddpm({}),
    denoiser: exactDenoiser(data.mixture),
    start: rng.fork('start').normal([pathCount, 1]),
    grid: fullGrid(schedule),
    rng: rng.fork('steps'),
    keep: () => true,
  });
  const reverse = Array.from({ length: pathCount }, (_, i) =>
    states.map(({ step, x }): [number, number] => [steps - step, x.data[i]!]),
  );
  const forward = forwardPaths(schedule, data.mixture.sample(rng.fork('data'), pathCount).x, rng);
  const density = evaluateGrid({ x: [0, steps], y: range, columns: 100, rows: 120 }, (t, x) => {
    const level = t < 1 ? { alpha: 1, sigma: 0 } : levelAt(schedule, Math.min(steps - 1, t - 1));
    // The square root keeps the low density of the middle visible beside the peaks of the data.
    return Math.sqrt(Math.exp(data.mixture.at(level).logDensity([x])));
  });
  const panel = (title: string, label: string, paths: readonly Path[]): Panel => ({
    title,
    x: { label, domain: [0, steps] },
    y: { label: 'x_{t}', domain: range },
    ratio: 1.65,
    marks: [
      heatmap(density, { ramp: 'blues', smooth: true }),
      lines(paths, {
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

/** x_t = √(1 − β_t) x_{t−1} + √β_t z from each of the points [N, 1] on. */
function forwardPaths(schedule: Schedule, start: FloatArray, rng: Rng): Path[] {
  const noise = rng.fork('forward').normal([start.shape[0]!, steps]);
  return Array.from(start.data, (x0, i) => {
    let x = x0;
    const path: Path = [[0, x]];
    for (let t = 0; t < steps; t++) {
      const kept = schedule.alpha(t) / (t === 0 ? 1 : schedule.alpha(t - 1));
      x = kept * x + Math.sqrt(1 - kept ** 2) * noise.data[steps * i + t]!;
      path.push([t + 1, x]);
    }
    return path;
  });
}
