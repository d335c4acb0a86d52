import { createRng } from '@tweedie/core';
import { geometric, linear, vp } from '@tweedie/schedules';
import { describe, expect, it } from 'vitest';
import { drawTimes, type TimeSampling } from './draw-times.js';

const samplings: TimeSampling[] = ['uniform', 'lowDiscrepancy'];

describe.each(samplings)('drawTimes, %s', (sampling) => {
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
    const largestGap = (sampling: TimeSampling, seed: number, count: number) => {
      const times = drawTimes(vp({ start: 1e-6 }), count, createRng(seed), sampling).sort();
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
