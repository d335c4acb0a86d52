import '@tweedie/backend-eager';
import { scalar, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { emaDecayAt, updateEma } from './ema.js';

describe('emaDecayAt', () => {
  it('follows (1 + t)/(10 + t) up to the decay', () => {
    expect(emaDecayAt(1, 0.999)).toBe(2 / 11);
    expect(emaDecayAt(100, 0.999)).toBe(101 / 110);
    // (1 + t)/(10 + t) reaches 0.999 at t = 8990.
    expect(emaDecayAt(8989, 0.999)).toBeLessThan(0.999);
    expect(emaDecayAt(8991, 0.999)).toBe(0.999);
    expect(emaDecayAt(5, 0)).toBe(0);
  });
});

describe('updateEma', () => {
  it('is decay·ema + (1 − decay)·params, step after step', () => {
    const series = [3, -1, 4, 1, -5, 9, 2, 6];
    let expected = 0.5;
    const result = tidy(() => {
      let ema = tensor1d([0.5]);
      series.forEach((value, i) => {
        const decay = emaDecayAt(i + 1, 0.4);
        expected = decay * expected + (1 - decay) * value;
        ema = updateEma(ema, tensor1d([value]), scalar(1 - decay));
      });
      return ema.dataSync()[0]!;
    });
    expect(result).toBeCloseTo(expected, 5);
  });

  it('does not drift where the parameters stand still', () => {
    const still = [0.1, -1 / 3, 1e-20, 12345.678].map(Math.fround);
    const average = tidy(() => {
      let ema = tensor1d(still);
      const rate = scalar(1 - 0.9999);
      for (let i = 0; i < 1000; i++) ema = updateEma(ema, tensor1d(still), rate);
      return [...ema.dataSync()];
    });
    expect(average).toEqual(still);
  });
});
