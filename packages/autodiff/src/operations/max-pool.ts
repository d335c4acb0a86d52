import {
  add,
  type GradConfig,
  maxPool as maxPoolWindows,
  pad,
  slice,
  type Tensor,
  type Tensor4D,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { gradient } from '../tape/gradient.js';
import { type Composite, runComposite } from './composite.js';
import { contest } from './contest.js';

// The maximum of a window is found along the rows and then along the columns, the first of equals
// each time. `pick` takes from another image the value at the place of the maximum, `spread` is its
// adjoint; both are linear in that other image, and x's own part in them is constant.

interface Attributes {
  readonly window: number;
}

const forward: Composite<{ x: Tensor }, Attributes> = {
  kernelName: 'TweedieMaxPool',
  decompose: ({ x }, { window }) => maxPoolWindows(x as Tensor4D, window, 1, 'same'),
};

const pick: Composite<{ x: Tensor; values: Tensor }, Attributes> = {
  kernelName: 'TweedieMaxPoolPick',
  decompose({ x, values }, { window }) {
    const along = (t: Tensor, axis: number, fill: number) => shifts(t, axis, window, fill);
    const across = contest(along(x, 2, Number.NEGATIVE_INFINITY));
    const down = contest(along(across.greatest, 1, Number.NEGATIVE_INFINITY));
    const rows = across.pick(along(values, 2, 0));
    return down.pick(along(rows, 1, 0));
  },
};

const spread: Composite<{ x: Tensor; dy: Tensor }, Attributes> = {
  kernelName: 'TweedieMaxPoolSpread',
  decompose({ x, dy }, { window }) {
    const across = contest(shifts(x, 2, window, Number.NEGATIVE_INFINITY));
    const down = contest(shifts(across.greatest, 1, window, Number.NEGATIVE_INFINITY));
    const rows = unshift(down.spread(dy), 1);
    return unshift(across.spread(rows), 2);
  },
};

/** For each place of a window along an axis, the image shifted so that each pixel has its neighbour there. */
function shifts(x: Tensor, axis: number, window: number, fill: number): Tensor[] {
  const reach = (window - 1) / 2;
  const framed = pad(
    x,
    x.shape.map((_, i) => (i === axis ? [reach, reach] : [0, 0])) as never,
    fill,
  );
  return Array.from({ length: window }, (_, place) =>
    slice(
      framed,
      x.shape.map((_extent, i) => (i === axis ? place : 0)),
      x.shape,
    ),
  );
}

/** The adjoint of `shifts`. */
function unshift(parts: readonly Tensor[], axis: number): Tensor {
  const reach = (parts.length - 1) / 2;
  const { shape } = parts[0]!;
  const framed = parts
    .map((part, place) =>
      pad(part, shape.map((_, i) => (i === axis ? [place, 2 * reach - place] : [0, 0])) as never),
    )
    .reduce((sum, part) => add(sum, part));
  return slice(
    framed,
    shape.map((_, i) => (i === axis ? reach : 0)),
    shape,
  );
}

export const maxPoolGradients: readonly GradConfig[] = [
  gradient(forward.kernelName, ['x'], (dy, [x], attributes: Attributes) => ({
    x: () => runComposite(spread, { x, dy }, attributes),
  })),
  gradient(spread.kernelName, ['x'], (ddx, [x], attributes: Attributes) => ({
    x: () => zerosLike(x),
    dy: () => runComposite(pick, { x, values: ddx }, attributes),
  })),
  gradient(pick.kernelName, ['x'], (dy, [x], attributes: Attributes) => ({
    x: () => zerosLike(x),
    values: () => runComposite(spread, { x, dy }, attributes),
  })),
];

/**
 * The maximum of the window × window pixels around each pixel, without those beyond the border:
 * PyTorch's MaxPool2d(window, stride 1, padding (window − 1)/2). Of equal pixels the first has the
 * derivative, row by row, as there.
 *
 * @param x [N, H, W, C]
 * @param window odd
 * @returns of x's shape
 * @throws TweedieError INVALID_SHAPE
 */
export function maxPool(x: Tensor, window: number): Tensor4D {
  if (x.rank !== 4 || !Number.isInteger(window) || window < 1 || window % 2 === 0) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'autodiff',
      given: `maxPool got x [${x.shape.join(', ')}] and a window of ${window}`,
      allowed: 'x [N, H, W, C] and an odd window of at least 1',
    });
  }
  return runComposite(forward, { x }, { window }) as Tensor4D;
}
