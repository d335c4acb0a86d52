import { avgPool, type GradConfig, pad, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { gradient } from '../tape/gradient.js';
import { type Composite, runComposite } from './composite.js';

interface Attributes {
  readonly window: number;
}

const pool: Composite<{ x: Tensor }, Attributes> = {
  kernelName: 'TweedieAveragePool',
  decompose({ x }, { window }) {
    const reach = (window - 1) / 2;
    const framed = pad(x, [
      [0, 0],
      [reach, reach],
      [reach, reach],
      [0, 0],
    ]);
    return avgPool(framed as Tensor4D, window, 1, 'valid');
  },
};

/** Linear and symmetric: pixels p and q are in each other's windows, with the same weight. */
export const averagePoolGradients: readonly GradConfig[] = [
  gradient(pool.kernelName, [], (dy, _inputs, attributes: Attributes) => ({
    x: () => runComposite(pool, { x: dy }, attributes),
  })),
];

/**
 * The mean over the window × window pixels around each pixel, where pixels beyond the border are
 * zeros that count: PyTorch's AvgPool2d(window, stride 1, padding (window − 1)/2).
 *
 * @param x [N, H, W, C]
 * @param window odd
 * @returns of x's shape
 * @throws TweedieError INVALID_SHAPE
 */
export function averagePool(x: Tensor, window: number): Tensor4D {
  if (x.rank !== 4 || !Number.isInteger(window) || window < 1 || window % 2 === 0) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'autodiff',
      given: `averagePool got x [${x.shape.join(', ')}] and a window of ${window}`,
      allowed: 'x [N, H, W, C] and an odd window of at least 1',
    });
  }
  return runComposite(pool, { x }, { window }) as Tensor4D;
}
