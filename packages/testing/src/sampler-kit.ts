import { add, fill, type Tensor, tidy } from '@tensorflow/tfjs-core';
import type { Denoiser, Level, Sampler, SampleStep } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import {
  counted,
  finish,
  gaussianDenoiser,
  gaussianProcess,
  noiseTensor,
  walkOf,
} from './gaussian-walk.js';

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
   * not compared with exact samples, which its own tests must do at a level; true.
   */
  readonly endsOnData?: boolean;
}

/**
 * What every sampler from noise to data must hold: a step for each pair of levels, results that
 * depend on seed and item alone, walks that may interleave, obedience to AbortSignal, no tensor left
 * whichever way it ends, and, with exact denoisers, exact samples. Needs a tfjs backend.
 *
 * @param make makes the sampler under test
 */
export function testSampler(
  name: string,
  make: () => Sampler,
  { momentTolerance = 0.05, itemSize = 1, endsOnData = true }: SamplerKitOptions = {},
): void {
  const six = gaussianProcess(6, true);
  const processes = [
    ['variance preserving', true],
    ['variance exploding', false],
  ] as const;

  /** Runs `use` with a start of 4 items of 2 numbers, and expects that no tensor is left. */
  const withStart = async (seed: number, use: (start: Tensor) => Promise<void>) => {
    const start = noiseTensor(seed, [4, 2], 1);
    const before = counted();
    await use(start);
    expect(counted()).toEqual(before);
    start.dispose();
  };

  describe(`sampler ${name}`, () => {
    it('makes one step for each pair of levels, of the shape of the start', async () => {
      const process = gaussianProcess(5, true);
      const start = noiseTensor(1, [3, 2, 2, 1], 1);
      const seen: Omit<SampleStep, 'x' | 'denoised'>[] = [];
      for await (const { x, denoised, ...place } of walkOf(make(), { start, seed: 1, process })) {
        seen.push(place);
        expect(x.shape).toEqual([3, 2, 2, 1]);
        expect(denoised.shape).toEqual([3, 2, 2, 1]);
      }
      const { grid } = process;
      expect(seen).toEqual(
        [0, 1, 2, 3, 4].map((index) => ({ index, from: grid[index], to: grid[index + 1] })),
      );
      start.dispose();
    });

    it.each(processes)('%s: gives finite samples from 1, 2, 3, 4 and 5 steps', async (_, vp) => {
      for (const count of [1, 2, 3, 4, 5]) {
        const process = gaussianProcess(count, vp);
        const start = noiseTensor(2, [4, 2], process.grid[0]!.sigma);
        const samples = await finish(walkOf(make(), { start, seed: 2, process }));
        expect(samples.every(Number.isFinite)).toBe(true);
        start.dispose();
      }
    });

    it('begins at pure noise, where α is 0', async () => {
      const { schedule, grid } = gaussianProcess(4, true);
      const process = { schedule, grid: [{ t: 9, alpha: 0, sigma: 1 }, ...grid] };
      const start = noiseTensor(3, [4, 2], 1);
      const samples = await finish(walkOf(make(), { start, seed: 3, process }));
      expect(samples.every(Number.isFinite)).toBe(true);
      start.dispose();
    });

    it('takes a grid that stays at a level for some steps', async () => {
      const { schedule, grid } = gaussianProcess(4, true);
      const process = {
        schedule,
        grid: grid.flatMap((level, i) => (i === 2 ? [level, level] : level)),
      };
      const start = noiseTensor(3, [4, 2], 1);
      const samples = await finish(walkOf(make(), { start, seed: 3, process }));
      expect(samples.every(Number.isFinite)).toBe(true);
      start.dispose();
    });

    it('gives the same samples for the same seed, and others for another start', async () => {
      const run = async (seed: number) => {
        const start = noiseTensor(seed, [4, 2], 1);
        const samples = await finish(walkOf(make(), { start, seed, process: six }));
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
        const samples = await finish(walkOf(make(), { start, seed: 7, process: six, firstItem }));
        start.dispose();
        return samples;
      };
      const together = await run(0, 64);
      for (const item of [0, 1, 17, 63]) {
        const alone = await run(item, 1);
        expect([...alone]).toEqual([...together.subarray(2 * item, 2 * item + 2)]);
      }
    });

    it('gives what it gives alone when two walks of one sampler interleave', async () => {
      const sampler = make();
      const starts = [noiseTensor(21, [4, 2], 1), noiseTensor(22, [4, 2], 1)];
      const begin = (i: number) =>
        walkOf(sampler, { start: starts[i]!, seed: 30 + i, process: six });
      const alone = [await finish(begin(0)), await finish(begin(1))];
      const walks = [begin(0), begin(1)];
      const ends: Float32Array[] = [];
      for (let step = 0; step < 6; step++) {
        for (const [i, walk] of walks.entries()) {
          const { value } = await walk.next();
          ends[i] = Float32Array.from(await (value as SampleStep).x.data());
        }
      }
      for (const walk of walks) expect((await walk.next()).done).toBe(true);
      expect(ends).toEqual(alone);
      for (const start of starts) start.dispose();
    });

    it.each(endsOnData ? processes : [])(
      '%s: ends on the data when the data is one point',
      async (_, vp) => {
        const process = gaussianProcess(12, vp);
        const start = noiseTensor(8, [16, 2], process.grid[0]!.sigma);
        const denoiser = gaussianDenoiser(-0.75, 0);
        const samples = await finish(walkOf(make(), { start, seed: 8, process, denoiser }));
        for (const value of samples) expect(value).toBeCloseTo(-0.75, 5);
        start.dispose();
      },
    );

    it.each(endsOnData ? processes : [])(
      '%s: samples a Gaussian with its exact denoiser',
      async (_, vp) => {
        const process = gaussianProcess(100, vp);
        const { alpha, sigma } = process.grid[0]!;
        // The start is drawn from q(x_t) itself: N(α/2, α²/4 + σ²).
        const start = tidy(() =>
          add(noiseTensor(9, [4096 / itemSize, itemSize], Math.hypot(alpha / 2, sigma)), alpha / 2),
        );
        const samples = await finish(walkOf(make(), { start, seed: 10, process }));
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
      await finish(walkOf(make(), { start, seed: 11, process: gaussianProcess(3, true) }));
      expect([...(await start.data())]).toEqual(before);
      start.dispose();
    });

    it('leaves no tensor after a full walk, after leaving early, or unbegun', async () => {
      await withStart(12, async (start) => {
        const walk = () => walkOf(make(), { start, seed: 12, process: six });
        const before = counted();
        for await (const { x } of walk()) x.shape;
        expect(counted()).toEqual(before);
        for await (const step of walk()) if (step.index === 2) break;
        expect(counted()).toEqual(before);
        await walk().return();
      });
    });

    it('holds no more tensors late in a walk than early', async () => {
      const start = noiseTensor(13, [4, 2], 1);
      const held: number[] = [];
      const walk = walkOf(make(), { start, seed: 13, process: gaussianProcess(30, true) });
      for await (const step of walk) held[step.index] = counted().tensors;
      // Multistep samplers may need a few steps until their history is full.
      expect(held[28]).toBe(held[10]);
      start.dispose();
    });

    it('leaves no tensor when the denoiser fails, at whichever call', async () => {
      const exact = gaussianDenoiser(0.5, 0.5);
      await withStart(14, async (start) => {
        for (let last = 1; last <= 7; last++) {
          let calls = 0;
          const denoiser: Denoiser = (x, level) => {
            if (++calls === last) throw new Error('out of order');
            return exact(x, level);
          };
          const run = () => finish(walkOf(make(), { start, seed: 14, process: six, denoiser }));
          // A sampler of one call a step makes six of them, or one more at its end.
          if (last < 6) await expect(run()).rejects.toThrow('out of order');
          else await run().catch(() => {});
        }
      });
    });

    it('takes a denoiser that answers later', async () => {
      const exact = gaussianDenoiser(0.5, 0.5);
      const start = noiseTensor(15, [4, 2], 1);
      const later: Denoiser = async (x, level) => {
        await new Promise((resolve) => setTimeout(resolve, 0));
        return exact(x, level);
      };
      const walk = { start, seed: 15, process: gaussianProcess(4, true) };
      const now = await finish(walkOf(make(), walk));
      const afterwards = await finish(walkOf(make(), { ...walk, denoiser: later }));
      expect(afterwards).toEqual(now);
      start.dispose();
    });

    it('stops when its signal is aborted, before a walk and between its steps', async () => {
      await withStart(16, async (start) => {
        const aborted = { start, seed: 16, process: six, signal: AbortSignal.abort() };
        await expect(finish(walkOf(make(), aborted))).rejects.toMatchObject({ code: 'ABORTED' });
        const controller = new AbortController();
        const walk = walkOf(make(), { start, seed: 16, process: six, signal: controller.signal });
        await walk.next();
        controller.abort();
        await expect(walk.next()).rejects.toMatchObject({ code: 'ABORTED' });
      });
    });

    it('stops between the stages of a step, at the next call of the denoiser', async () => {
      const exact = gaussianDenoiser(0.5, 0.5);
      await withStart(17, async (start) => {
        for (let last = 1; last <= 5; last++) {
          const controller = new AbortController();
          let calls = 0;
          const denoiser: Denoiser = (x, level) => {
            if (++calls === last) controller.abort();
            return exact(x, level);
          };
          const { signal } = controller;
          const walk = walkOf(make(), { start, seed: 17, process: six, denoiser, signal });
          await expect(finish(walk)).rejects.toMatchObject({ code: 'ABORTED' });
          expect(calls).toBe(last);
        }
      });
    });

    it('refuses a grid that is none', async () => {
      const start = fill([4, 2], 0);
      const { schedule, grid } = gaussianProcess(2, true);
      const [first, second] = grid as [Level, Level];
      const bad = [[], [first], [second, first], [{ ...first, sigma: Number.NaN }, second]];
      for (const refused of bad) {
        const process = { schedule, grid: refused };
        const run = async () => finish(walkOf(make(), { start, seed: 17, process }));
        await expect(run()).rejects.toMatchObject({ code: 'INVALID_VALUE' });
      }
      start.dispose();
    });
  });
}
