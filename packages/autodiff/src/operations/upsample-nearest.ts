import {
  type GradConfig,
  mul,
  reshape,
  scalar,
  sum,
  type Tensor,
  type Tensor4D,
  tile,
} from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { gradient } from '../tape/gradient.js';
import { type Composite, runComposite } from './composite.js';

interface Attributes {
  readonly factor: number;
}

const forward: Composite<{ x: Tensor }, Attributes> = {
  kernelName: 'TweedieUpsampleNearest',
  // Two tiles of rank 3: tfjs's resizeNearestNeighbor has a wrong gradient on its cpu backend.
  decompose({ x }, { factor }) {
    const [items, height, width, channels] = x.shape as [number, number, number, number];
    const wide = tile(reshape(x, [items * height * width, 1, channels]), [1, factor, 1]);
    const rows = reshape(wide, [items * height, 1, width * factor * channels]);
    return reshape(tile(rows, [1, factor, 1]), [items, height * factor, width * factor, channels]);
  },
};

const backward: Composite<{ dy: Tensor }, Attributes> = {
  kernelName: 'TweedieUpsampleNearestGrad',
  decompose({ dy }, { factor }) {
    const [items, height, width, channels] = dy.shape as [number, number, number, number];
    const rows = sum(reshape(dy, [(items * height) / factor, factor, width * channels]), 1);
    const pixels = (items * height * width) / factor / factor;
    return reshape(sum(reshape(rows, [pixels, factor, channels]), 1), [
      items,
      height / factor,
      width / factor,
      channels,
    ]);
  },
};

/** Each is linear and the other's adjoint. */
export const upsampleNearestGradients: readonly GradConfig[] = [
  gradient(forward.kernelName, [], (dy, _inputs, attributes: Attributes) => ({
    x: () => runComposite(backward, { dy }, attributes),
  })),
  gradient(backward.kernelName, [], (ddx, _inputs, attributes: Attributes) => ({
    dy: () => runComposite(forward, { x: ddx }, attributes),
  })),
];

/**
 * Repeats each pixel factor × factor times.
 *
 * @param x [N, H, W, C]
 * @returns [N, factor·H, factor·W, C]
 * @throws TweedieError INVALID_SHAPE
 */
export function upsampleNearest(x: Tensor, factor: number): Tensor4D {
  if (x.rank !== 4 || !Number.isInteger(factor) || factor < 1) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'autodiff',
      given: `upsampleNearest got x [${x.shape.join(', ')}] and factor ${factor}`,
      allowed: 'x [N, H, W, C] and a whole factor of at least 1',
    });
  }
  return runComposite(forward, { x }, { factor }) as Tensor4D;
}

/**
 * The mean of each tile of factor × factor pixels.
 *
 * @param x [N, H, W, C], factor divides H and W
 * @returns [N, H/factor, W/factor, C]
 * @throws TweedieError INVALID_SHAPE
 */
export function downsampleMean(x: Tensor, factor: number): Tensor4D {
  const divides = (extent = 0) => Number.isInteger(factor) && factor >= 1 && extent % factor === 0;
  if (x.rank !== 4 || !divides(x.shape[1]) || !divides(x.shape[2])) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'autodiff',
      given: `downsampleMean got x [${x.shape.join(', ')}] and factor ${factor}`,
      allowed: 'x [N, H, W, C] and a whole factor that divides H and W',
    });
  }
  return mul(runComposite(backward, { dy: x }, { factor }), scalar(factor ** -2)) as Tensor4D;
}
