import '@tweedie/backend-eager';
import { tensor1d, tidy } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipByGlobalNorm, globalNorm } from './gradient-clipping.js';

function clip(gradient: readonly number[], maxNorm: number) {
  return tidy(() => {
    const flat = tensor1d([...gradient]);
    const norm = globalNorm(flat);
    const clipped = clipByGlobalNorm(flat, norm, maxNorm);
    return { norm: norm.dataSync()[0]!, clipped: [...clipped.dataSync()] };
  });
}

describe('clipByGlobalNorm', () => {
  // torch 2.15.0: clip_grad_norm_([p1, p2], maxNorm), gradients [g0, g1] and [g2].
  it.each([
    [[3, -4, 12], 1, 13, [0.23076921701431274, -0.307692289352417, 0.923076868057251]],
    [[3, -4, 12], 5, 13, [1.153846025466919, -1.538461446762085, 4.615384101867676]],
    [[0.3, -0.4, 0], 1, 0.5, [0.30000001192092896, -0.4000000059604645, 0]],
    [[0, 0, 0], 1, 0, [0, 0, 0]],
  ])('clips %j to %d as torch does', (gradient, maxNorm, norm, expected) => {
    const result = clip(gradient, maxNorm);
    expect(result.norm).toBeCloseTo(norm, 6);
    expected.forEach((value, i) => {
      expect(result.clipped[i]).toBeCloseTo(value, 6);
    });
  });

  it('never leaves a norm above the bound, keeps the direction, and leaves short gradients alone', () => {
    const float = fc.float({ min: -100, max: 100, noNaN: true, noDefaultInfinity: true });
    const lists = fc.array(float, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lists, fc.double({ min: 0.1, max: 50, noNaN: true }), (gradient, maxNorm) => {
        const { norm, clipped } = clip(gradient, maxNorm);
        const factor = Math.min(1, maxNorm / (Math.hypot(...gradient) + 1e-6));
        expect(norm).toBeCloseTo(Math.hypot(...gradient), 3);
        expect(Math.hypot(...clipped)).toBeLessThanOrEqual(maxNorm * (1 + 1e-6));
        gradient.forEach((value, i) => {
          expect(Math.abs(clipped[i]! - factor * value)).toBeLessThanOrEqual(
            1e-5 * Math.abs(value) + 1e-40,
          );
        });
      }),
    );
  });
});
