import { exactDenoiser, exactLogDensity } from '@tweedie/denoisers';
import '@tensorflow/tfjs-backend-cpu';
import {
  memory,
  mul,
  ready,
  reshape,
  setBackend,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { createRng, type Denoiser, floats, type Level } from '@tweedie/core';
import { gaussianMixture } from '@tweedie/data';
import { replay, testSampler } from '@tweedie/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { langevin } from './langevin.js';
import { average, chain, deviation, gaussianScore } from './langevin.testing.js';
import { type MetropolisReport, metropolisLangevin } from './metropolis-langevin.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

testSampler('metropolis-langevin', () => metropolisLangevin({ logDensity: ofKit, stepSize: 0.1 }), {
  endsOnData: false,
});

/** ln p_t of the kit's Gaussian, N(1/2, 1/4), without its constant. */
function ofKit(x: Tensor, { alpha, sigma }: { alpha: number; sigma: number }): Tensor1D {
  return tidy(() => {
    const offset = reshape(sub(x, alpha / 2), [x.shape[0]!, -1]);
    return mul(sum(square(offset), 1), -0.5 / (alpha ** 2 / 4 + sigma ** 2)) as Tensor1D;
  });
}

const carrier: Level = { t: 0, alpha: 1, sigma: 1 };
const variance = 4;
const logDensity = (x: Tensor) => tidy(() => mul(sum(square(x), 1), -0.5 / variance) as Tensor1D);
const denoiser = gaussianScore(0, variance);
const squareOf = (x: number) => x ** 2;

describe('on a Gaussian', () => {
  const shape = [16384, 1];
  const start = (scale: number) =>
    createRng(2)
      .normal(shape)
      .data.map((z) => scale * z);

  it('has the right variance at a step where the unadjusted chain has not', async () => {
    const options = { stepSize: variance, checkFinite: false };
    const adjusted = metropolisLangevin({ logDensity, ...options });
    const end = await chain(adjusted, denoiser, start(2), shape, 30, carrier);
    expect(deviation(average(end, squareOf), variance)).toBeLessThan(4);
    const plain = await chain(langevin(options), denoiser, start(2), shape, 30, carrier);
    // Its variance is v/(1 − 1/4), 30 standard errors off.
    expect(deviation(average(plain, squareOf), variance)).toBeGreaterThan(20);
  });

  it('goes there from elsewhere', async () => {
    const sampler = metropolisLangevin({ logDensity, stepSize: variance, checkFinite: false });
    const end = await chain(sampler, denoiser, start(0.2), shape, 30, carrier);
    expect(deviation(average(end, squareOf), variance)).toBeLessThan(4);
  });

  it('accepts nearly all small steps, and fewer the longer they are', async () => {
    const rate = async (relative: number) => {
      const reports: MetropolisReport[] = [];
      const sampler = metropolisLangevin({
        logDensity,
        stepSize: relative * variance,
        onStep: (report) => reports.push(report),
      });
      await chain(sampler, denoiser, start(2), shape, 5, carrier);
      expect(reports.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
      expect(reports[0]!.level).toEqual(carrier);
      return reports.reduce((sum, { acceptanceRate }) => sum + acceptanceRate, 0) / 5;
    };
    const rates = [await rate(0.01), await rate(0.5), await rate(1.5), await rate(3.5)];
    expect(rates[0]).toBeGreaterThan(0.999);
    for (let i = 1; i < rates.length; i++) expect(rates[i]!).toBeLessThan(rates[i - 1]!);
    expect(rates[3]).toBeGreaterThan(0.1);
  });

  it('keeps the law of the density, whatever makes the proposals', async () => {
    const still: Denoiser = (x) => x.clone();
    const sampler = metropolisLangevin({ logDensity, stepSize: variance, checkFinite: false });
    const end = await chain(sampler, still, start(2), shape, 20, carrier);
    expect(deviation(average(end, squareOf), variance)).toBeLessThan(4);
  });
});

describe('on a mixture under noise', () => {
  const data = gaussianMixture({
    weights: [0.7, 0.3],
    means: [-1, 1.5],
    standardDeviations: [0.6],
  });
  const level = { t: 1, alpha: 0.8, sigma: 0.6 };

  it('stays where it is at a long step', async () => {
    const noisy = data.mixture.at(level);
    const start = noisy.sample(createRng(3), 16384).x.data;
    const sampler = metropolisLangevin({
      logDensity: exactLogDensity(data.mixture),
      stepSize: 1,
      checkFinite: false,
    });
    const end = await chain(sampler, exactDenoiser(data.mixture), start, [16384, 1], 10, level);
    const second = noisy.components.reduce(
      (sum, { weight, mean, variances }) => sum + weight * (mean[0]! ** 2 + variances[0]!),
      0,
    );
    expect(
      deviation(
        average(end, (x) => x),
        noisy.mean[0]!,
      ),
    ).toBeLessThan(4);
    expect(deviation(average(end, squareOf), second)).toBeLessThan(4);
    const plain = langevin({ stepSize: 1, checkFinite: false });
    const biased = await chain(plain, exactDenoiser(data.mixture), start, [16384, 1], 10, level);
    expect(deviation(average(biased, squareOf), second)).toBeGreaterThan(8);
  });

  it('accepts as the formula says, item by item', async () => {
    const noisy = gaussianMixture({ weights: [0.8, 0.2] }).mixture.at(level);
    const sets = gaussianMixture({ weights: [0.8, 0.2] });
    const count = 200;
    const stepSize = 0.8;
    const { data: x } = noisy.sample(createRng(4), count).x;
    const sampler = metropolisLangevin({ logDensity: exactLogDensity(sets.mixture), stepSize });
    const start = floats(x, [count, 2]);
    const { values } = await replay(
      sampler,
      exactDenoiser(sets.mixture),
      start,
      [level, level],
      createRng(5),
    );
    const rng = createRng(5);
    const z = rng.normal([count, 2]).data;
    const u = rng.uniform([count]).data;
    let accepted = 0;
    let undecided = 0;
    for (let item = 0; item < count; item++) {
      const at = [...x.subarray(2 * item, 2 * item + 2)];
      const forward = noisy.score(at).map((s, j) => at[j]! + (stepSize / 2) * s);
      const proposal = forward.map((mean, j) => mean + Math.sqrt(stepSize) * z[2 * item + j]!);
      const back = noisy.score(proposal).map((s, j) => proposal[j]! + (stepSize / 2) * s);
      const distance = (a: number[], b: number[]) =>
        a.reduce((total, value, j) => total + (value - b[j]!) ** 2, 0);
      const logRatio =
        noisy.logDensity(proposal) -
        noisy.logDensity(at) +
        (distance(proposal, forward) - distance(at, back)) / (2 * stepSize);
      // Where float32 may decide otherwise.
      if (Math.abs(logRatio - Math.log(u[item]!)) < 1e-4) {
        undecided++;
        continue;
      }
      const moves = Math.log(u[item]!) < logRatio;
      if (moves) accepted++;
      (moves ? proposal : at).forEach((wanted, j) => {
        expect(Math.abs(values[2 * item + j]! - wanted)).toBeLessThan(1e-5);
      });
    }
    expect(undecided).toBeLessThan(3);
    expect(accepted).toBeGreaterThan(50);
    expect(accepted).toBeLessThan(190);
  });
});

describe('where the density is', () => {
  const shape = [4, 1];
  const run = (density: (x: Tensor) => Tensor1D) => {
    const sampler = metropolisLangevin({ logDensity: density, stepSize: 1 });
    return chain(sampler, denoiser, new Float32Array([1, 2, 3, 4]), shape, 3, carrier);
  };

  it('NaN or nothing, proposals are refused', async () => {
    for (const bad of [Number.NaN, -Infinity]) {
      let calls = 0;
      const end = await run((x) => tensor(new Array(x.shape[0]).fill(calls++ % 2 === 0 ? 0 : bad)));
      expect([...end]).toEqual([1, 2, 3, 4]);
    }
  });

  it('not given, it says so', () => {
    const make = metropolisLangevin as (options?: unknown) => unknown;
    expect(() => make()).toThrow(/logDensity is not given.*use langevin/);
    expect(() => make({ stepSize: 1 })).toThrow(/logDensity is not given/);
    expect(() => make({ logDensity: 3 })).toThrow(/logDensity is 3/);
    expect(() => metropolisLangevin({ logDensity, stepSize: -1 })).toThrow(/stepSize is -1/);
  });

  it('of another shape, it says so and leaves nothing', async () => {
    const x = tensor([1, 2], [2, 1]);
    const before = memory().numTensors;
    const sampler = metropolisLangevin({ logDensity: (at) => at.clone() as unknown as Tensor1D });
    const walk = sampler.sample(denoiser, x, [carrier, carrier], { rng: createRng(1) });
    await expect(walk.next()).rejects.toMatchObject({
      code: 'INVALID_SHAPE',
      message: expect.stringMatching(/returned the shape \[2, 1\].*\[2\]/),
    });
    expect(memory().numTensors).toBe(before);
    x.dispose();
  });
});
