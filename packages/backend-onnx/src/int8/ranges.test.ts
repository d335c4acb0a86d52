import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uint8Scale, union } from './ranges.js';

const finite = fc.float({ min: -1e6, max: 1e6, noNaN: true });
const ranges = fc
  .tuple(finite, finite)
  .map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) }));

describe('uint8Scale', () => {
  it('has a number within half a step of each value of the range, and one for zero', () => {
    fc.assert(
      fc.property(ranges, fc.float({ min: 0, max: 1, noNaN: true }), (range, part) => {
        const { scale, zeroPoint } = uint8Scale(range);
        expect(zeroPoint).toBeGreaterThanOrEqual(0);
        expect(zeroPoint).toBeLessThanOrEqual(255);
        const value = range.low + part * (range.high - range.low);
        const q = Math.min(255, Math.max(0, Math.round(value / scale) + zeroPoint));
        // The zero point is rounded, which moves one end of the range by half a step, so that
        // the value there is a whole step from its number at most.
        expect(Math.abs((q - zeroPoint) * scale - value)).toBeLessThanOrEqual(scale * (1 + 1e-4));
      }),
    );
  });

  it('holds an array of zeros', () => {
    expect(uint8Scale({ low: 0, high: 0 })).toEqual({ scale: 1, zeroPoint: 0 });
  });
});

describe('union', () => {
  it('holds both, and nothing beyond them', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        expect(union(a, b)).toEqual({
          low: Math.min(a.low, b.low),
          high: Math.max(a.high, b.high),
        });
      }),
    );
  });
});
