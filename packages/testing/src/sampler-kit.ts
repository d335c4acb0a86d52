import { add, fill, memory, mul, sub, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import {
  createRng,
  type Denoiser,
  type Level,
  type SampleContext,
  type Sampler,
  type SampleStep,
} from '@tweedie/core';
import { describe, expect, it } from 'vitest';

export interface SamplerKitOptions {
  /** Allowed error of the mean and standard deviation of samples of a Gaussian; 0.05. */
  readonly momentTolerance?: number;
  /**
   * Numbers in each item of these samples; 1. For a sampler whose step goes by the norm of an item,
   * which is a good measure of scale in many dimensions only.
   */
  readonly itemSize?: number;
  /**
   * false for a sampler that does not end on the data, whatever the grid (a chain at its levels): it is
   * not held to exact samples, which its own tests must do at a level; true.
   */
  readonly endsOnData?: boolean;
}

/** Levels evenly spaced in λ = ln(α/σ) and the data at the end. */
function levels(steps: number, variancePreserving: boolean): Level[] {
  const noisy = Array.from({ length: steps }, (_, i) => {
    const lambda = -4 + (8.5 * i) / Math.max(1, steps - 1);
    const t = steps - 1 - i;
    return variancePreserving
      ? {
          t,
          alpha: 1 / Math.sqrt(1 + Math.exp(-2 * lambda)),
          sigma: 1 / Math.sqrt(1 + Math.exp(2 * lambda)),
        }
      : { t, alpha: 1, sigma: Math.exp(-lambda) };
  });
  return [...noisy, { t: -1, alpha: 1, sigma: 0 }];
}

/** E[x₀ | x] of data N(mean, deviation²): a point at deviation 0. */
function gaussianDenoiser(mean: number, deviation: number): Denoiser {
  return (x, { alpha, sigma }) => {
    const gain = (alpha * deviation ** 2) / (alpha ** 2 * deviation ** 2 + sigma ** 2);
    return tidy(() => add(mul(sub(x, alpha * mean), gain), mean));
  };
}

function counted(): { readonly tensors: number; readonly buffers: number } {
  const { numTensors, numDataBuffers } = memory();
  return { tensors: numTensors, buffers: numDataBuffers };
}

async function finish(steps: AsyncGenerator<SampleStep, Tensor, void>): Promise<Float32Array> {
  for (;;) {
    const step = await steps.next();
    if (!step.done) continue;
    const data = (await step.value.data()) as Float32Array;
    step.value.dispose();
    return data.slice();
  }
}

function noiseTensor(seed: number, shape: number[], scale: number, firstItem = 0): Tensor {
  const { data } = createRng(seed).fromItem(firstItem).normal(shape);
  return tensor(
    data.map((value) => value * scale),
    shape,
  );
}

/**
 * What every sampler from noise to data must hold: a step for each pair of levels, results that
 * depend on seed and item alone, obedience to AbortSignal, no tensor left whichever way it ends,
 * and, with exact denoisers, exact samples. Needs a tfjs backend.
 *
 * @param make makes the sampler under test
 */
export function testSampler(
  name: string,
  make: () => Sampler,
  { momentTolerance = 0.05, itemSize = 1, endsOnData = true }: SamplerKitOptions = {},
): void {
  const context = (seed: number, firstItem = 0): SampleContext => ({
    rng: createRng(seed).fromItem(firstItem),
  });
  const denoiser = gaussianDenoiser(0.5, 0.5);
  const processes = [
    ['variance preserving', true],
    ['variance exploding', false],
  ] as const;

  describe(`sampler ${name}`, () => {
    it('makes one step for each pair of levels, of the shape of the start', async () => {
      const grid = levels(5, true);
      const start = noiseTensor(1, [3, 2, 2, 1], 1);
      const steps = make().sample(denoiser, start, grid, context(1));
      for (let index = 0; index < 5; index++) {
        const { value, done } = await steps.next();
        expect(done).toBe(false);
        const step = value as SampleStep;
        expect(step.index).toBe(index);
        expect(step.from).toEqual(grid[index]);
        expect(step.to).toEqual(grid[index + 1]);
        expect(step.x.shape).toEqual([3, 2, 2, 1]);
        expect(step.denoised.shape).toEqual([3, 2, 2, 1]);
      }
      const end = await steps.next();
      expect(end.done).toBe(true);
      (end.value as Tensor).dispose();
      start.dispose();
    });

    it.each(processes)('%s: gives finite samples from 1, 2, 3, 4 and 5 steps', async (_, vp) => {
      for (const count of [1, 2, 3, 4, 5]) {
        const grid = levels(count, vp);
        const start = noiseTensor(2, [4, 2], grid[0]!.sigma);
        const samples = await finish(make().sample(denoiser, start, grid, context(2)));
        expect(samples.every(Number.isFinite)).toBe(true);
        start.dispose();
      }
    });

    it('begins at pure noise, where α is 0', async () => {
      const grid = [{ t: 9, alpha: 0, sigma: 1 }, ...levels(4, true)];
      const start = noiseTensor(3, [4, 2], 1);
      const samples = await finish(make().sample(denoiser, start, grid, context(3)));
      expect(samples.every(Number.isFinite)).toBe(true);
      start.dispose();
    });

    it('gives the same samples for the same seed, and others for another start', async () => {
      const run = async (seed: number) => {
        const start = noiseTensor(seed, [4, 2], 1);
        const samples = await finish(
          make().sample(denoiser, start, levels(6, true), context(seed)),
        );
        start.dispose();
        return [...samples];
      };
      const first = await run(4);
      expect(await run(4)).toEqual(first);
      expect(await run(5)).not.toEqual(first);
    });

    it('gives item i whatever the batch size', async () => {
      const run = async (firstItem: number, count: number) => {
        const start = noiseTensor(6, [count, 2], 1, firstItem);
        const samples = await finish(
          make().sample(denoiser, start, levels(6, true), context(7, firstItem)),
        );
        start.dispose();
        return samples;
      };
      const together = await run(0, 64);
      for (const item of [0, 1, 17, 63]) {
        const alone = await run(item, 1);
        expect([...alone]).toEqual([...together.subarray(2 * item, 2 * item + 2)]);
      }
    });

    it.each(endsOnData ? processes : [])(
      '%s: ends on the data when the data is one point',
      async (_, vp) => {
        const grid = levels(12, vp);
        const start = noiseTensor(8, [16, 2], grid[0]!.sigma);
        const samples = await finish(
          make().sample(gaussianDenoiser(-0.75, 0), start, grid, context(8)),
        );
        for (const value of samples) expect(value).toBeCloseTo(-0.75, 5);
        start.dispose();
      },
    );

    it.each(endsOnData ? processes : [])(
      '%s: samples a Gaussian with its exact denoiser',
      async (_, vp) => {
        const grid = levels(100, vp);
        const { alpha, sigma } = grid[0]!;
        // The start is drawn from q(x_t) itself: N(α/2, α²/4 + σ²).
        const start = tidy(() =>
          add(noiseTensor(9, [4096 / itemSize, itemSize], Math.hypot(alpha / 2, sigma)), alpha / 2),
        );
        const samples = await finish(make().sample(denoiser, start, grid, context(10)));
        start.dispose();
        const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
        const variance =
          samples.reduce((sum, value) => sum + (value - mean) ** 2, 0) / samples.length;
        expect(Math.abs(mean - 0.5)).toBeLessThan(momentTolerance);
        expect(Math.abs(Math.sqrt(variance) - 0.5)).toBeLessThan(momentTolerance);
      },
    );

    it('leaves the start as it was', async () => {
      const start = noiseTensor(11, [4, 2], 1);
      const before = [...(await start.data())];
      await finish(make().sample(denoiser, start, levels(3, true), context(11)));
      expect([...(await start.data())]).toEqual(before);
      start.dispose();
    });

    it('leaves no tensor after a full walk, after leaving early, or unbegun', async () => {
      const start = noiseTensor(12, [4, 2], 1);
      const walk = () => make().sample(denoiser, start, levels(6, true), context(12));
      const before = counted();
      await finish(walk());
      expect(counted()).toEqual(before);
      for await (const step of walk()) if (step.index === 2) break;
      expect(counted()).toEqual(before);
      await walk().return(start);
      expect(counted()).toEqual(before);
      start.dispose();
    });

    it('holds no more tensors late in a walk than early', async () => {
      const start = noiseTensor(13, [4, 2], 1);
      const held: number[] = [];
      for await (const step of make().sample(denoiser, start, levels(30, true), context(13))) {
        held[step.index] = counted().tensors;
      }
      // Multistep samplers may need a few steps until their history is full.
      expect(held[28]).toBe(held[10]);
      start.dispose();
    });

    it('leaves no tensor when the denoiser fails', async () => {
      const start = noiseTensor(14, [4, 2], 1);
      let calls = 0;
      const failing: Denoiser = (x, level) => {
        if (++calls === 4) throw new Error('out of order');
        return denoiser(x, level);
      };
      const before = counted();
      await expect(
        finish(make().sample(failing, start, levels(6, true), context(14))),
      ).rejects.toThrow('out of order');
      expect(counted()).toEqual(before);
      start.dispose();
    });

    it('takes a denoiser that answers later', async () => {
      const start = noiseTensor(15, [4, 2], 1);
      const later: Denoiser = async (x, level) => {
        await new Promise((resolve) => setTimeout(resolve, 0));
        return denoiser(x, level);
      };
      const grid = levels(4, true);
      const now = await finish(make().sample(denoiser, start, grid, context(15)));
      const afterwards = await finish(make().sample(later, start, grid, context(15)));
      expect(afterwards).toEqual(now);
      start.dispose();
    });

    it('stops when its signal is aborted, before and within a walk', async () => {
      const start = noiseTensor(16, [4, 2], 1);
      const before = counted();
      const aborted = { ...context(16), signal: AbortSignal.abort() };
      await expect(
        finish(make().sample(denoiser, start, levels(6, true), aborted)),
      ).rejects.toMatchObject({ code: 'ABORTED' });
      const controller = new AbortController();
      const walk = make().sample(denoiser, start, levels(6, true), {
        ...context(16),
        signal: controller.signal,
      });
      await walk.next();
      controller.abort();
      await expect(walk.next()).rejects.toMatchObject({ code: 'ABORTED' });
      expect(counted()).toEqual(before);
      start.dispose();
    });

    it('refuses a grid that is none', async () => {
      const start = fill([4, 2], 0);
      const [first, second] = levels(2, true) as [Level, Level];
      const bad = [[], [first], [second, first], [{ ...first, sigma: Number.NaN }, second]];
      for (const grid of bad) {
        const run = async () => finish(make().sample(denoiser, start, grid, context(17)));
        await expect(run()).rejects.toMatchObject({ code: 'INVALID_VALUE' });
      }
      start.dispose();
    });
  });
}
