import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from './symmetric-eigen.js';

describe('symmetricEigen', () => {
  it('gives back the matrix, with orthonormal vectors', () => {
    const matrix = fc.integer({ min: 1, max: 6 }).chain((size) =>
      fc
        .array(fc.double({ min: -10, max: 10, noNaN: true }), {
          minLength: size * size,
          maxLength: size * size,
        })
        .map((flat) =>
          Array.from({ length: size }, (_, i) =>
            Array.from({ length: size }, (_, j) => flat[Math.min(i, j) * size + Math.max(i, j)]!),
          ),
        ),
    );
    fc.assert(
      fc.property(matrix, (given) => {
        const { values, vectors } = symmetricEigen(given);
        for (const [i, row] of given.entries()) {
          for (const [j, value] of row.entries()) {
            const rebuilt = values.reduce(
              (s, v, k) => s + v * vectors[k]![i]! * vectors[k]![j]!,
              0,
            );
            expect(Math.abs(rebuilt - value)).toBeLessThan(1e-12);
            const product = vectors[i]!.reduce((s, v, k) => s + v * vectors[j]![k]!, 0);
            expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-14 * 10);
          }
        }
      }),
    );
  });

  it('leaves a diagonal matrix as it is, and takes singular ones', () => {
    expect(
      symmetricEigen([
        [3, 0],
        [0, -1],
      ]),
    ).toEqual({
      values: [3, -1],
      vectors: [
        [1, 0],
        [0, 1],
      ],
    });
    const { values } = symmetricEigen([
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ]);
    const sorted = [...values].sort((a, b) => a - b);
    expect(sorted[0]).toBeCloseTo(0, 14);
    expect(sorted[1]).toBeCloseTo(0, 14);
    expect(sorted[2]).toBeCloseTo(3, 14);
  });
});
