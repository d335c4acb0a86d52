import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScale } from './scale.js';

const create = (axis: Parameters<typeof createScale>[1], covered?: readonly [number, number]) =>
  createScale('the x axis', axis, covered, [0, 200]);

describe('createScale', () => {
  it('maps values to pixels, linearly or by logarithms, in either direction', () => {
    expect(create({ domain: [-1, 1] }).pixels(0.5)).toBeCloseTo(150, 10);
    expect(create({ domain: [1, -1] }).pixels(0.5)).toBeCloseTo(50, 10);
    expect(create({ domain: [1e-2, 1e2], scale: 'log' }).pixels(0.1)).toBeCloseTo(50, 10);
  });

  it('covers the marks with a margin where no domain is given', () => {
    expect(create({}, [-10, 10]).domain).toEqual([-11, 11]);
    expect(create({}, [0, 10]).domain).toEqual([0, 10.5]);
    expect(create({}, [3, 3]).domain).toEqual([2.5, 3.5]);
    expect(create({}).domain).toEqual([0, 1]);
    const [low, high] = create({ scale: 'log' }, [1, 100]).domain;
    expect(low).toBeLessThan(1);
    expect(high).toBeGreaterThan(100);
  });

  it('has round ticks', () => {
    expect(create({ domain: [-4, 4] }).ticks(5)).toEqual([
      { at: -4, text: '−4' },
      { at: -2, text: '−2' },
      { at: 0, text: '0' },
      { at: 2, text: '2' },
      { at: 4, text: '4' },
    ]);
  });

  it('has powers of ten on a log axis, fewer where there is no room, and small marks between', () => {
    const scale = create({ domain: [1e-3, 1e2], scale: 'log' });
    expect(scale.ticks(6).map(({ text }) => text)).toEqual([
      '10^{−3}',
      '10^{−2}',
      '10^{−1}',
      '1',
      '10',
      '10^{2}',
    ]);
    expect(scale.ticks(3).map(({ at }) => at)).toEqual([1e-2, 1, 1e2]);
    expect(scale.minorTicks).toHaveLength(40);
    const short = create({ domain: [0.4, 3], scale: 'log' });
    expect(short.ticks(5).map(({ text }) => text)).toEqual(['0.5', '1', '2']);
  });

  it('takes ticks as given, inside the domain', () => {
    const scale = create({ domain: [0, 10], ticks: [0, { at: 5, text: 'half' }, 10, 20] });
    expect(scale.ticks(2).map(({ text }) => text)).toEqual(['0', 'half', '10']);
    expect(create({ domain: [0, 10], ticks: [] }).ticks(5)).toEqual([]);
  });

  it('puts names in the places 0, 1, 2', () => {
    const scale = create({ categories: ['a', 'b'] });
    expect(scale.ticks(9)).toEqual([
      { at: 0, text: 'a' },
      { at: 1, text: 'b' },
    ]);
    expect([scale.pixels(0), scale.pixels(1)]).toEqual([50, 150]);
  });

  it('refuses empty domains and logarithms of what is not positive', () => {
    for (const domain of [
      [1, 1],
      [Number.NaN, 1],
      [0, Number.POSITIVE_INFINITY],
    ] as const) {
      expect(() => create({ domain })).toThrow(/the x axis: the domain is/);
    }
    for (const domain of [
      [0, 1],
      [-1, 1],
    ] as const) {
      expect(() => create({ domain, scale: 'log' })).toThrow(/on a log scale/);
    }
    expect(() => create({ scale: 'cubic' as 'log' })).toThrow(/Allowed: linear, log/);
  });

  it('has ticks inside any domain, in order and with texts that differ', () => {
    const bound = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(bound, bound, fc.integer({ min: 2, max: 12 }), (a, b, count) => {
        // Below this the ticks differ in no digit that is shown.
        fc.pre(Math.abs(a - b) > 1e-6 * Math.max(Math.abs(a), Math.abs(b), 1e-3));
        const scale = create({ domain: [Math.min(a, b), Math.max(a, b)] });
        const ticks = scale.ticks(count);
        expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length);
        for (const { at } of ticks) {
          expect(scale.pixels(at)).toBeGreaterThanOrEqual(-1e-6);
          expect(scale.pixels(at)).toBeLessThanOrEqual(200 + 1e-6);
        }
      }),
    );
  });
});
