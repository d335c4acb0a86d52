import { denoiserFromScore, exactDenoiser, exactScore } from '@tweedie/denoisers';
import '@tensorflow/tfjs-backend-cpu';
import { ready, reshape, setBackend, tidy } from '@tensorflow/tfjs-core';
import { createRegistry, createRng, floats, type Level, levelAt } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { ve, vp } from '@tweedie/schedules';
import { goldenDraw, langevinGolden, replay, scriptedRng, testSampler } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { aldCorrector, snrCorrector } from './correctors.js';
import { ddim } from './ddim.js';
import { ddpm } from './ddpm.js';
import { defineSampler } from './define-sampler.js';
import { dpmpp2m } from './dpmpp-2m.js';
import { heun } from './heun.js';
import { samplers } from './index.js';
import { correctedBy, predictorCorrector } from './predictor-corrector.js';
import type { StepRule } from './step.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

testSampler('predictor-corrector', () => predictorCorrector());
// Its steps go by the norms of items.
testSampler('predictor-corrector, by norms', () => predictorCorrector({ corrector: 'langevin' }), {
  itemSize: 64,
});
testSampler('predictor-corrector, ddim and ald', () =>
  predictorCorrector({ predictor: 'ddim', corrector: 'ald', correctorSteps: 2 }),
);
testSampler('predictor-corrector, corrector only', () =>
  predictorCorrector({ predictor: null, corrector: 'ald', correctorSteps: 10 }),
);
const corrected = defineSampler({
  owner: 'mine',
  id: 'corrected',
  doc: 'rules of a stranger',
  options: {},
  rule: () => correctedBy(ddim({ eta: 0.5 }).rule, aldCorrector({ snr: 0.1 })),
});
testSampler('of a stranger, composed of rules', () => corrected());

const data = gaussianMixture({ weights: [0.8, 0.2] });
const { N, snr, eps, cases } = langevinGolden.score_sde;
const points = (scale: number) => langevinGolden.points.flat().map((value) => scale * value);

function worst(values: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(values).toHaveLength(wanted.length);
  return Math.max(...Array.from(wanted, (value, i) => Math.abs(values[i]! - value)));
}

/** score_sde asks its score at times that are not quite those of its discrete levels. */
interface Process {
  readonly start: readonly number[];
  /** Levels of the discretised process, with the times of the loop, and the data. */
  readonly grid: readonly Level[];
  /** The level at which score and corrector are taken. */
  marginal(t: number): Level;
}
const times = Array.from({ length: N }, (_, i) => 1 - ((1 - eps) * i) / (N - 1));
const clean = { t: -1, alpha: 1, sigma: 0 };
const processes: Readonly<Record<'vp' | 've', Process>> = {
  vp: (() => {
    const schedule = vp({ betaMin: 0.1, betaMax: 20, start: eps });
    let alphaBar = 1;
    const levels = [...times].reverse().map((t, k) => {
      alphaBar *= 1 - (0.1 + (19.9 * k) / (N - 1)) / N;
      return { t, alpha: Math.sqrt(alphaBar), sigma: Math.sqrt(1 - alphaBar) };
    });
    return {
      start: points(1),
      grid: [...levels.reverse(), clean],
      marginal: (t) => levelAt(schedule, Math.max(t, eps)),
    };
  })(),
  ve: (() => {
    const schedule = ve({ sigmaMin: 0.02, sigmaMax: 10 });
    const levels = times.map((t, i) => ({
      t,
      alpha: 1,
      sigma: schedule.sigma((N - 1 - i) / (N - 1)),
    }));
    return {
      start: points(10),
      grid: [...levels, clean],
      marginal: (t) => levelAt(schedule, t),
    };
  })(),
};

/** The walk of one of our samplers with the score that score_sde uses. */
async function walk(
  { start, grid, marginal }: Process,
  rule: StepRule,
  pointsPerItem = 1,
): Promise<Float32Array> {
  const sampler = defineSampler({ id: 'of-rules', doc: '', options: {}, rule: () => rule })();
  const denoiser = denoiserFromScore((x, { t }) =>
    tidy(() => reshape(exactScore(data.mixture)(reshape(x, [6, 2]), marginal(t)), x.shape)),
  );
  const noise = scriptedRng(goldenDraw);
  return (
    await replay(
      sampler,
      denoiser,
      floats([...start], [6 / pointsPerItem, 2 * pointsPerItem]),
      grid,
      noise,
    )
  ).values;
}

/**
 * score_sde's loop in float64, from its formulas and with no code of ours: VP is corrected and
 * predicted by DDPM with noise β, VE by ancestral sampling. The corrector's norms are those of points,
 * averaged over the batch, as there, or those of items of several points, as here.
 */
function reference(
  { start, grid, marginal }: Process,
  norms: 'averaged' | { readonly pointsPerItem: number },
): number[] {
  const size = norms === 'averaged' ? 2 : 2 * norms.pointsPerItem;
  let x = [...start];
  let mean = x;
  let draws = 0;
  const draw = () => [...goldenDraw(draws++, x.length)];
  const length = (values: readonly number[], item: number) =>
    Math.hypot(...values.slice(size * item, size * (item + 1)));
  const items = [0, 1, 2, 3, 4, 5];
  for (let i = 0; i < N; i++) {
    const [from, to] = [grid[i]!, grid[i + 1]!];
    const law = data.mixture.at(marginal(from.t));
    const score = () => items.flatMap((item) => law.score(x.slice(2 * item, 2 * item + 2)));
    const alpha = (from.alpha / to.alpha) ** 2;
    const g = score();
    const z = draw();
    const average = (values: readonly number[]) =>
      items.reduce((sum, item) => sum + length(values, item), 0) / items.length;
    x = x.map((value, j) => {
      const item = Math.floor(j / size);
      const ratio =
        norms === 'averaged' ? average(z) / average(g) : length(z, item) / length(g, item);
      const eta = 2 * alpha * (snr * ratio) ** 2;
      return value + eta * g[j]! + Math.sqrt(2 * eta) * z[j]!;
    });
    const s = score();
    const w = draw();
    if (alpha < 1) {
      mean = x.map((value, j) => (value + (1 - alpha) * s[j]!) / Math.sqrt(alpha));
      x = mean.map((value, j) => value + Math.sqrt(1 - alpha) * w[j]!);
    } else {
      const difference = from.sigma ** 2 - to.sigma ** 2;
      mean = x.map((value, j) => value + difference * s[j]!);
      const deviation = (to.sigma * Math.sqrt(difference)) / from.sigma;
      x = mean.map((value, j) => value + deviation * w[j]!);
    }
  }
  return mean;
}

describe("score_sde's samplers", () => {
  const predictors = {
    vp_ancestral_sampling: ddpm({ variance: 'fixedLarge' }).rule,
    ve_ancestral_sampling: ddpm().rule,
    ve_reverse_diffusion: ddpm({ variance: 'fixedLarge' }).rule,
  };
  const names = Object.keys(predictors) as (keyof typeof predictors)[];
  const processOf = (name: string) => processes[name.slice(0, 2) as 'vp' | 've'];
  // float32 over 50 or 100 moves of numbers up to 30, which the end brings to 1.
  const tolerance = 2e-5;

  it.each(names)('%s, no corrector', async (name) => {
    const values = await walk(processOf(name), predictors[name]);
    expect(worst(values, cases[`${name}_none`]!.flat())).toBeLessThan(tolerance);
  });

  it.each(names)('%s, ald', async (name) => {
    const process = processOf(name);
    const ald = aldCorrector({ snr });
    // Its σ is that of the continuous process.
    const corrector: StepRule = (step) => {
      const { sigma } = process.marginal(step.from.t);
      return ald({ ...step, from: { ...step.from, sigma } });
    };
    const values = await walk(process, correctedBy(predictors[name], corrector));
    expect(worst(values, cases[`${name}_ald`]!.flat())).toBeLessThan(tolerance);
  });

  it.each(['vp', 've'] as const)('%s_ancestral_sampling, langevin', async (name) => {
    const process = processes[name];
    const golden = cases[`${name}_ancestral_sampling_langevin`]!.flat();
    // goldenDraw is rounded to float32; else this is the record itself.
    expect(worst(reference(process, 'averaged'), golden)).toBeLessThan(1e-6);
    // Two items of three points. One point's norm may be so small that float32 shows: 10⁻⁴ at the end.
    const values = await walk(
      process,
      correctedBy(predictors[`${name}_ancestral_sampling`], snrCorrector({ snr })),
      3,
    );
    expect(worst(values, reference(process, { pointsPerItem: 3 }))).toBeLessThan(tolerance);
  });
});

describe('a corrector', () => {
  const level = { t: 1, alpha: 0.6, sigma: 0.8 };
  const next = { t: 0, alpha: 0.8, sigma: 0.6 };
  const one = (rule: StepRule) =>
    defineSampler({ id: 'corrector', doc: '', options: {}, rule: () => rule })();
  const noise = scriptedRng((_k, count) => new Float32Array(count).fill(0.5));

  it('by norms moves by η = 2 α (r ‖z‖/‖s‖)², item by item', async () => {
    const denoiser = denoiserFromScore((x) => x.clone());
    const rows = [3, 4, 0, 0, -6, 8];
    const run = one(snrCorrector({ snr: 0.2 }));
    const { values } = await replay(run, denoiser, floats(rows, [3, 2]), [level, next], noise);
    const eta = (norm: number) => 2 * (0.6 / 0.8) ** 2 * ((0.2 * Math.SQRT1_2) / norm) ** 2;
    const moved = rows.map((x, j) => {
      // The score of the second item is 0: it stays.
      if (j === 2 || j === 3) return x;
      const own = eta(j < 2 ? 5 : 10);
      return x + own * x + Math.sqrt(2 * own) * 0.5;
    });
    expect(worst(values, moved)).toBeLessThan(1e-5);
  });

  it('does nothing at pure noise, which needs none', async () => {
    const pure = { t: 2, alpha: 0, sigma: 1 };
    const start = floats([0.3, -1.2], [1, 2]);
    for (const rule of [snrCorrector({ snr: 0.2 }), aldCorrector({ snr: 0.2 })]) {
      const stay: StepRule = (step) => rule({ ...step, to: step.from });
      const { values } = await replay(
        one(stay),
        exactDenoiser(data.mixture),
        start,
        [pure, next],
        noise,
      );
      expect([...values]).toEqual([...start.data]);
    }
  });
});

describe('composition', () => {
  const grid = [...Array.from({ length: 8 }, (_, i) => 4 / 2 ** i), 0].map((sigma, i) => ({
    t: 8 - i,
    alpha: 1,
    sigma,
  }));
  const start = floats(points(4), [6, 2]);
  const run = async (sampler: ReturnType<typeof predictorCorrector>) =>
    (await replay(sampler, exactDenoiser(data.mixture), start, grid, createRng(1))).values;

  it('by options is that by rules', async () => {
    const byRules = defineSampler({
      id: 'mine',
      doc: '',
      options: {},
      rule: () => correctedBy(ddim().rule, snrCorrector({ snr: 0.1 }), 2),
    })();
    const corrector = { name: 'langevin', snr: 0.1 } as const;
    const options = { predictor: 'ddim', corrector, correctorSteps: 2 } as const;
    expect(await run(predictorCorrector(options))).toEqual(await run(byRules));
    expect(await run(predictorCorrector({ ...options, predictor: ddim() }))).toEqual(
      await run(byRules),
    );
  });

  it('calls the network once a corrector step and once a prediction', async () => {
    const count = async (options: Parameters<typeof predictorCorrector>[0]) => {
      let calls = 0;
      const sampler = predictorCorrector(options);
      await replay(
        sampler,
        (x, level) => {
          calls++;
          return exactDenoiser(data.mixture)(x, level);
        },
        start,
        grid,
        createRng(1),
      );
      return calls;
    };
    expect(await count({})).toBe(16);
    expect(await count({ correctorSteps: 3 })).toBe(32);
    // Only the data are predicted.
    expect(await count({ predictor: null })).toBe(9);
  });

  it('names a bad option', () => {
    expect(() => predictorCorrector({ corrector: { name: 'ald', snr: 0 } })).toThrow(
      /predictor-corrector: corrector\.snr is 0/,
    );
    const { rule: _, ...ruleless } = ddim();
    expect(() => predictorCorrector({ predictor: ruleless as never })).toThrow(
      /the predictor 'ddim' has no rule of one step/,
    );
    expect(() => ddpm({ clip: -1 }).rule).toThrow(/\[samplers\] ddpm: clip is -1/);
  });

  it('takes any sampler of a registry, one with memory too', async () => {
    const registry = createRegistry({ sampler: samplers });
    const make = (predictor: string) =>
      registry.create('sampler', 'predictor-corrector', { predictor, corrector: 'ald' });
    for (const predictor of [heun, dpmpp2m]) {
      const byRules = defineSampler({
        id: 'mine',
        doc: '',
        options: {},
        rule: () => correctedBy(predictor().rule, aldCorrector({ snr: 0.16 })),
      })();
      expect(await run(make(predictor.id) as never)).toEqual(await run(byRules));
    }
    expect(await run(make('dpmpp-2m') as never)).not.toEqual(await run(make('ddim') as never));
  });

  it.each([
    [
      { predictor: 'ddpm', variance: 'fixedLarge', corrector: 'langevin', snr: 0.2 },
      predictorCorrector({
        predictor: ddpm({ variance: 'fixedLarge' }),
        corrector: { name: 'langevin', snr: 0.2 },
      }),
    ],
    [
      { predictor: 'ddim', variance: 'fixedSmall', corrector: 'ald', snr: 0.3 },
      predictorCorrector({ predictor: 'ddim', corrector: { name: 'ald', snr: 0.3 } }),
    ],
    [
      { predictor: 'none', variance: 'fixedSmall', corrector: 'ald', snr: 0.16, correctorSteps: 4 },
      predictorCorrector({ predictor: null, correctorSteps: 4 }),
    ],
  ])('reads options of before: %j', (stored, today) => {
    const registry = createRegistry({ sampler: samplers });
    const made = registry.create('sampler', 'predictor-corrector', stored);
    expect(made.config).toEqual(today.config);
    expect(registry.create('sampler', 'predictor-corrector', made.config).config).toEqual(
      made.config,
    );
  });
});
