import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantizeFilter } from './filters.js';

const filters = fc
  .tuple(fc.nat(3), fc.nat(4), fc.nat(2), fc.nat(2))
  .map((extents) => extents.map((extent) => extent + 1))
  .chain((shape) => {
    const size = shape.reduce((a, b) => a * b);
    const weight = fc.float({ min: -100, max: 100, noNaN: true });
    return fc.record({
      shape: fc.constant(shape),
      filter: fc
        .array(weight, { minLength: size, maxLength: size })
        .map((values) => Float32Array.from(values)),
    });
  });

describe('quantizeFilter', () => {
  it('rounds each weight to the nearest step of its channel', () => {
    fc.assert(
      fc.property(filters, ({ filter, shape }) => {
        const { data, scales } = quantizeFilter(filter, shape);
        const size = filter.length / shape[0]!;
        filter.forEach((weight, i) => {
          const scale = scales[Math.floor(i / size)]!;
          // Half a step, and the rounding of the scale to float32 over at most 127 steps.
          expect(Math.abs(weight - data[i]! * scale)).toBeLessThanOrEqual(scale * (0.5 + 1e-4));
        });
      }),
    );
  });

  it('lets no two neighbours of one sign be more than 16 bits hold at 255', () => {
    fc.assert(
      fc.property(filters, ({ filter, shape: [outputs, inputs, rows, columns], shape }) => {
        const { data } = quantizeFilter(filter, shape);
        const pixels = rows! * columns!;
        for (let k = 0; k < outputs!; k++) {
          const inOrder = Array.from({ length: pixels * inputs! }, (_, i) => {
            const [pixel, c] = [Math.floor(i / inputs!), i % inputs!];
            return data[(k * inputs! + c) * pixels + pixel]!;
          });
          inOrder.forEach((weight, i) => {
            expect(Math.abs(weight)).toBeLessThanOrEqual(127);
            const pair = [weight, inOrder[i + 1] ?? 0];
            for (const sign of [1, -1]) {
              const sum = pair.reduce((total, w) => total + Math.max(0, sign * w), 0);
              expect(255 * sum).toBeLessThanOrEqual(32767);
            }
          });
        }
      }),
    );
  });

  it('gives the whole range to a channel whose large weights stand alone', () => {
    // [1, 2, 1, 2] in the order [R, S, C]: 1, 0, 0, −1
    const { data, scales } = quantizeFilter(Float32Array.of(1, 0, 0, -1), [1, 2, 1, 2]);
    expect([...data]).toEqual([127, 0, 0, -127]);
    expect(scales[0]).toBeCloseTo(1 / 127, 9);
  });

  it('keeps a channel of zeros', () => {
    const { data, scales } = quantizeFilter(new Float32Array(8), [2, 4, 1, 1]);
    expect(data.every((weight) => weight === 0)).toBe(true);
    expect(scales.every((scale) => scale > 0)).toBe(true);
  });
});
