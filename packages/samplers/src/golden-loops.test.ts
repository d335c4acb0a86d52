/**
 * Replays the sampling loops recorded from diffusers. Every loop of DDPM, DDIM and DDIM inversion
 * is here, their parallel variants too (the same mathematics; one call at several times is several
 * walks of one step), unCLIP (DDPM), and those of other families that at first order are DDIM. Not
 * here, with the reason:
 *
 * | case | why |
 * | --- | --- |
 * | ddim_inverse.full_loop_with_v_prediction | v is predicted for the later time but read with α and σ of the earlier level; a denoiser's estimate belongs to one level |
 * | unclip.test_variance_learned_range | needs a network that predicts its variance |
 * | unclip.full_loop*, ddpm*.full_loop_with_noise | here, but compared with the formula in float64: the records show float32 rounding |
 * | variance fixed_large_log | upstream returns ln β and takes its root: NaN in the step |
 */
import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import {
  dataPrediction,
  floats,
  type Level,
  levelAt,
  noisePrediction,
  type Parameterization,
  type Sampler,
  type Schedule,
  transition,
  velocityPrediction,
} from '@tweedie/core';
import {
  cosine,
  type FinalLevel,
  fullGrid,
  laplace,
  leadingGrid,
  linear,
  linspaceGrid,
  scaledLinear,
  sigmoid,
  trailingGrid,
} from '@tweedie/schedules';
import {
  diffusionLoopCases,
  elementwiseDenoiser,
  firstOrderLoopCases,
  goldenDraw,
  goldenModel,
  goldenNoise,
  goldenSample,
  goldenShape,
  type Replay,
  replay,
  type SchedulerConfig,
  type SchedulerLoop,
  scriptedRng,
  torchGenerator,
} from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { ddim } from './ddim.js';
import { ddimInversion } from './ddim-inversion.js';
import { ddpm } from './ddpm.js';
import {
  expectGolden,
  recordedCoefficients,
  recordedLevels,
  rngOf,
  sumOfAbs,
} from './golden-loop.testing.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

function scheduleOf(config: SchedulerConfig, isUnclip = false): Schedule {
  const factories = {
    linear,
    scaled_linear: scaledLinear,
    squaredcos_cap_v2: cosine,
    sigmoid,
    laplace,
  };
  const name = config.beta_schedule ?? (isUnclip ? 'squaredcos_cap_v2' : 'linear');
  const steps = config.num_train_timesteps ?? 1000;
  const zeroTerminalSnr = config.rescale_betas_zero_snr ?? false;
  if (name === 'squaredcos_cap_v2') return cosine({ steps, zeroTerminalSnr });
  if (name === 'laplace') return laplace({ steps, zeroTerminalSnr });
  return factories[name as 'linear' | 'scaled_linear' | 'sigmoid']({
    steps,
    betaStart: config.beta_start,
    betaEnd: config.beta_end,
    zeroTerminalSnr,
  });
}

function parameterizationOf(config: SchedulerConfig): Parameterization {
  if (config.prediction_type === 'v_prediction') return velocityPrediction();
  return config.prediction_type === 'sample' ? dataPrediction() : noisePrediction();
}

/** diffusers' scheduler as our sampler. */
function samplerOf(loop: SchedulerLoop): Sampler {
  const { config, scheduler, step_kwargs: kwargs = {} } = loop;
  const bounds =
    config.thresholding === true
      ? {
          threshold: config.dynamic_thresholding_ratio ?? 0.995,
          thresholdMax: config.sample_max_value ?? 1,
        }
      : { clip: (config.clip_sample ?? true) ? (config.clip_sample_range ?? 1) : null };
  if (scheduler === 'DDIMInverseScheduler') return ddimInversion(bounds);
  if (scheduler.startsWith('DDIM')) {
    return ddim({
      eta: kwargs.eta ?? loop.eta ?? 0,
      recomputeNoise: kwargs.use_clipped_model_output ?? false,
      ...bounds,
    });
  }
  const variance = config.variance_type ?? 'fixed_small';
  return ddpm({
    variance: variance.startsWith('fixed_small') ? 'fixedSmall' : 'fixedLarge',
    ...bounds,
  });
}

function gridOf(loop: SchedulerLoop, schedule: Schedule): Level[] {
  const { config, num_inference_steps: steps, scheduler } = loop;
  const final: FinalLevel = config.set_alpha_to_one === false ? 'first' : 'clean';
  if (steps === null) return fullGrid(schedule, { final });
  const spacing =
    config.timestep_spacing ?? (scheduler === 'UnCLIPScheduler' ? 'linspace' : 'leading');
  if (spacing === 'trailing') return trailingGrid(schedule, steps, { final });
  if (spacing === 'linspace') return linspaceGrid(schedule, steps, { final });
  return leadingGrid(schedule, steps, { final, offset: config.steps_offset ?? 0 });
}

/**
 * Cases that end, or begin, where 1 − ᾱ or ᾱ loses its digits in float32, and how near the formula
 * in float32 comes to the record. unCLIP's begins at ᾱ = 2·10⁻⁹, where every rounding, in whatever
 * order, moves the sum by about 0.1.
 */
const roundedCases = new Map([
  ['ddpm.full_loop_with_noise', 0.01],
  ['ddpm_parallel.full_loop_with_noise', 0.01],
  ['unclip.full_loop', 0.2],
  ['unclip.full_loop_skip_timesteps', 0.2],
]);
const excluded = new Set(['ddim_inverse.full_loop_with_v_prediction']);
const walks = diffusionLoopCases.filter(
  ({ name, loop }) =>
    loop !== 'batch_step_no_noise' && !excluded.has(name) && !roundedCases.has(name),
);

async function replayLoop(loop: SchedulerLoop): Promise<Replay & { readonly grid: Level[] }> {
  const schedule = scheduleOf(loop.config, loop.scheduler === 'UnCLIPScheduler');
  const whole = gridOf(loop, schedule);
  let start = goldenSample();
  let grid = whole;
  if (loop.scheduler === 'DDIMInverseScheduler') grid = [...whole].reverse();
  if (loop.t_start !== undefined) {
    grid = whole.slice(loop.t_start);
    start = noised(start, grid[0]!);
  }
  const { coefficients } = parameterizationOf(loop.config);
  const done = await replay(
    samplerOf(loop),
    elementwiseDenoiser(goldenModel(loop.model), coefficients),
    floats(start, goldenShape),
    grid,
    rngOf(loop),
    loop.probe_index,
  );
  return { ...done, grid };
}

function noised(start: Float32Array, { alpha, sigma }: Level): Float32Array {
  const noise = goldenNoise();
  return start.map((value, i) => alpha * value + sigma * noise[i]!);
}

describe("diffusers' loops", () => {
  it.each(walks.map((loop) => [loop.name, loop] as const))('%s', async (_name, loop) => {
    expectGolden(loop, await replayLoop(loop));
  });

  const batched = diffusionLoopCases.filter(({ loop }) => loop === 'batch_step_no_noise');
  it.each(batched.map((loop) => [loop.name, loop] as const))('%s', async (_name, loop) => {
    const schedule = scheduleOf(loop.config);
    const { coefficients } = parameterizationOf(loop.config);
    const denoiser = elementwiseDenoiser(goldenModel(loop.model), coefficients);
    const stride = loop.num_inference_steps === null ? 1 : 1000 / loop.num_inference_steps;
    let sum = 0;
    for (const [t, shift] of [0, 0.1, -0.1].entries()) {
      const to = t < stride ? { t: -1, alpha: 1, sigma: 0 } : levelAt(schedule, t - stride);
      const { values } = await replay(
        samplerOf(loop),
        denoiser,
        floats(
          goldenSample().map((value) => value + shift),
          goldenShape,
        ),
        [levelAt(schedule, t), to],
        scriptedRng((_k, count) => new Float32Array(count)),
      );
      sum += sumOfAbs(values);
    }
    expect(Math.abs(sum - loop.expected_sum!)).toBeLessThan(loop.tol_sum!);
  });

  it('ddim with linspace spacing, where diffusers steps to a wrong time', async () => {
    // diffusers takes t − T//n for the next time although its own list goes elsewhere (#11347) and
    // gets 5385.232; from each time of the list to the next it is 6976.677.
    const schedule = linear();
    const denoiser = elementwiseDenoiser(goldenModel('tanh'), noisePrediction().coefficients);
    const { values } = await replay(
      ddim(),
      denoiser,
      floats(goldenSample(), goldenShape),
      linspaceGrid(schedule, 20),
      scriptedRng(goldenDraw),
    );
    expect(Math.abs(sumOfAbs(values) - 6976.677)).toBeLessThan(0.7);
  });
});

/**
 * DDPM with fixed_small, ε-prediction and clipping to ±1, from diffusers' formulas and in no code of
 * ours, with every coefficient rounded by `round`.
 */
function ancestralByFormula(
  loop: SchedulerLoop,
  betas: readonly number[],
  times: readonly number[],
  round: (value: number) => number,
): number {
  const alphaBars: number[] = [];
  for (const beta of betas) alphaBars.push(round((alphaBars.at(-1) ?? 1) * round(1 - round(beta))));
  const torch = torchGenerator(0);
  const model = goldenModel(loop.model);
  let x = Array.from(goldenSample());
  if (loop.t_start !== undefined) {
    const alphaBar = alphaBars[times[0]!]!;
    const noise = goldenNoise();
    x = x.map((value, i) => Math.sqrt(alphaBar) * value + Math.sqrt(1 - alphaBar) * noise[i]!);
  }
  times.forEach((t, i) => {
    const alphaBar = alphaBars[t]!;
    const alphaBarBefore = i + 1 < times.length ? alphaBars[times[i + 1]!]! : 1;
    const alpha = round(alphaBar / alphaBarBefore);
    const noiseBar = round(1 - alphaBar);
    const noiseBarBefore = round(1 - alphaBarBefore);
    const data = round(round(Math.sqrt(alphaBarBefore) * round(1 - alpha)) / noiseBar);
    const state = round(round(Math.sqrt(alpha) * noiseBarBefore) / noiseBar);
    const deviation = round(Math.sqrt(round((noiseBarBefore / noiseBar) * round(1 - alpha))));
    const noise = t > 0 ? torch.randn(x.length) : undefined;
    x = x.map((value, j) => {
      const epsilon = round(model(value, t));
      const raw = round(round(value - round(Math.sqrt(noiseBar) * epsilon)) / Math.sqrt(alphaBar));
      const clipped = Math.min(1, Math.max(-1, raw));
      return round(data * clipped + state * value + deviation * (noise?.[j] ?? 0));
    });
  });
  return sumOfAbs(x);
}

describe('loops whose recorded value shows the rounding of float32 tables', () => {
  const cases = diffusionLoopCases.filter(({ name }) => roundedCases.has(name));

  it.each(cases.map((loop) => [loop.name, loop] as const))('%s', async (name, loop) => {
    const { values, grid } = await replayLoop(loop);
    const sum = sumOfAbs(values);
    const schedule = scheduleOf(loop.config, name.startsWith('unclip'));
    const betas = Array.from({ length: 1000 }, (_, t) =>
      t === 0
        ? schedule.sigma(0) ** 2
        : transition(levelAt(schedule, t - 1), levelAt(schedule, t)).variance,
    );
    const times = grid.slice(0, -1).map(({ t }) => t);
    const exact = ancestralByFormula(loop, betas, times, (value) => value);
    const rounded = ancestralByFormula(loop, betas, times, Math.fround);
    // Ours is the formula; the record is the formula in float32.
    expect(Math.abs(sum - exact)).toBeLessThan(loop.tol_sum!);
    expect(Math.abs(rounded - loop.expected_sum!)).toBeLessThan(roundedCases.get(name)!);
  });
});

describe('DDIM is the first-order step of other families', () => {
  it.each(firstOrderLoopCases.map((loop) => [loop.name, loop] as const))(
    '%s',
    async (_name, loop) => {
      const scale = loop.loop === 'scale-separate' ? loop.init_noise_sigma! : 1;
      const sampler = ddim({ eta: loop.name.includes('euler_a') ? 1 : 0 });
      const denoiser = elementwiseDenoiser(goldenModel(loop.model), recordedCoefficients(loop));
      const start = goldenSample().map((value) => value * scale);
      const grid = recordedLevels(loop);
      expectGolden(
        loop,
        await replay(
          sampler,
          denoiser,
          floats(start, goldenShape),
          grid,
          rngOf(loop),
          loop.probe_index,
        ),
      );
    },
  );
});
