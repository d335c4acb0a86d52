import { createRng } from '@tweedie/core';
import { geometric, linear, vp } from '@tweedie/schedules';
import { describe, expect, it } from 'vitest';
import { drawTimes, type TimeDensity } from './draw-times.js';

type Uniform = 'uniform' | 'lowDiscrepancy';

describe.each<Uniform>(['uniform', 'lowDiscrepancy'])('drawTimes, %s', (name) => {
  const sampling: TimeDensity = { name };
  it('gives whole steps of a discrete schedule, each as often', () => {
    const times = drawTimes(geometric({ steps: 10 }), 20_000, createRng(1), sampling);
    const counts = new Array<number>(10).fill(0);
    for (const t of times) counts[t]!++;
    // Five standard deviations of a count.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(215);
  });

  it('gives times within a continuous schedule', () => {
    const times = drawTimes(vp({ start: 0.2 }), 4000, createRng(1), sampling);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(0.2);
    expect(Math.max(...times)).toBeLessThan(1);
    const mean = times.reduce((sum, t) => sum + t, 0) / times.length;
    expect(Math.abs(mean - 0.6)).toBeLessThan(0.02);
  });

  it('gives one time of a schedule of one step', () => {
    expect([...drawTimes(linear({ steps: 1 }), 3, createRng(1), sampling)]).toEqual([0, 0, 0]);
  });

  it('gives item i whatever the batch size, and other times at the next draw', () => {
    const rng = createRng(2);
    const first = drawTimes(linear(), 64, rng, sampling);
    const alone = drawTimes(linear(), 1, createRng(2).fromItem(40), sampling);
    expect(alone[0]).toBe(first[40]);
    expect([...drawTimes(linear(), 64, rng, sampling)]).not.toEqual([...first]);
    expect(rng.state().draws).toBe(2);
  });

  it('is uniform for each item over streams', () => {
    let low = 0;
    for (let seed = 0; seed < 2000; seed++) {
      const times = drawTimes(vp({ start: 1e-6 }), 4, createRng(seed), sampling);
      if (times[3]! < 0.25) low++;
    }
    expect(Math.abs(low / 2000 - 0.25)).toBeLessThan(0.05);
  });
});

describe('drawTimes, lowDiscrepancy', () => {
  it('spreads the times of any batch evenly', () => {
    const largestGap = (name: Uniform, seed: number, count: number) => {
      const times = drawTimes(vp({ start: 1e-6 }), count, createRng(seed), { name }).sort();
      const ends = [0, ...times, 1];
      return Math.max(...ends.slice(1).map((t, i) => t - ends[i]!)) * count;
    };
    for (const count of [5, 16, 64, 100]) {
      for (let seed = 0; seed < 10; seed++) {
        // The golden ratio leaves no gap above φ² times the mean (Steinhaus, three distances).
        expect(largestGap('lowDiscrepancy', seed, count)).toBeLessThan(2.62);
      }
    }
    const independent = Array.from({ length: 10 }, (_, seed) => largestGap('uniform', seed, 100));
    expect(Math.max(...independent)).toBeGreaterThan(4);
  });
});

describe('drawTimes, logitNormal', () => {
  const density: TimeDensity = { name: 'logitNormal', mean: 0.5, deviation: 0.8 };

  it('has normal logits', () => {
    const count = 20_000;
    const { start, end } = { start: 0.001, end: 1 };
    const times = drawTimes(vp({ start }), count, createRng(1), density);
    const logits = Array.from(times, (t) => (t - start) / (end - start)).map((share) =>
      Math.log(share / (1 - share)),
    );
    const mean = logits.reduce((sum, value) => sum + value, 0) / count;
    const variance = logits.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
    // Five standard errors.
    expect(Math.abs(mean - 0.5)).toBeLessThan((5 * 0.8) / Math.sqrt(count));
    expect(Math.abs(variance / 0.64 - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
  });

  it('gives item i whatever the batch size, and stays within the schedule', () => {
    const wide: TimeDensity = { name: 'logitNormal', mean: 0, deviation: 100 };
    const times = drawTimes(linear(), 64, createRng(2), wide);
    expect(drawTimes(linear(), 1, createRng(2).fromItem(40), wide)[0]).toBe(times[40]);
    expect(Math.max(...times)).toBe(999);
    expect(Math.min(...times)).toBe(0);
  });
});
