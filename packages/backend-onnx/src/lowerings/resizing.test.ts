import { engine, image, mul, sum, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { conv2d } from '@tweedie/autodiff';
import { describe, expect, it } from 'vitest';
import { agreement, normal, whole } from '../agreement.testing.js';
import { onnxBackend } from '../backend.js';
import { differenceToSecondOrder } from './derivatives.testing.js';

const sizes: [number, number][] = [
  [6, 8],
  [5, 3],
  [1, 1],
];
const flags: [boolean, boolean][] = [
  [false, false],
  [true, false],
  [false, true],
];

describe.each(['resizeBilinear', 'resizeNearestNeighbor'] as const)('%s', (name) => {
  it.each(flags)('corners aligned: %s, half-pixel centres: %s', async (align, half) => {
    for (const size of sizes) {
      const run = (x: Tensor) => image[name](x as Tensor4D, size, align, half);
      expect(await differenceToSecondOrder(run, normal(2, 3, 4, 5))).toBeLessThan(1e-5);
    }
  });

  it.each([4, 16])('behind a convolution of %i channels', async (channels) => {
    const run = (x: Tensor, w: Tensor) =>
      image[name](conv2d(x, w, undefined, { padding: 1 }) as Tensor4D, [5, 7]);
    const result = await agreement(
      run,
      normal(2, 3, 4, channels),
      normal(channels, channels, 3, 3),
    );
    expect(result.difference).toBeLessThan(1e-5);
  });

  it('of whole numbers', async () => {
    const run = (x: Tensor4D) => image[name](x, [4, 2]);
    expect((await agreement(run, whole(0, 255, 1, 2, 4, 3))).difference).toBeLessThan(1e-5);
  });

  it('its gradient as a kernel of tfjs is its adjoint', async () => {
    // Held to itself: tfjs's cpu backend gets it wrong where sizes are uneven.
    const kernel = name === 'resizeBilinear' ? 'ResizeBilinearGrad' : 'ResizeNearestNeighborGrad';
    const backend = onnxBackend({ threads: 1 });
    for (const [alignCorners, halfPixelCenters] of flags) {
      const products = backend.compile((x: Tensor, dy: Tensor) => {
        const y = image[name](x as Tensor4D, [5, 6], alignCorners, halfPixelCenters);
        const attributes = { alignCorners, halfPixelCenters, size: [5, 6] };
        const dx = engine().runKernel(kernel, { dy, images: x }, attributes) as Tensor;
        return [sum(mul(y, dy)), sum(mul(x, dx))];
      });
      const [forth, back] = await products(normal(2, 3, 4, 2), normal(2, 5, 6, 2));
      // Sums of 120 float32 numbers.
      expect((await back!.data())[0]).toBeCloseTo((await forth!.data())[0]!, 4);
    }
    await backend.dispose();
  });
});
