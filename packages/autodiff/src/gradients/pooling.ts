import { div, type GradConfig, type Tensor, zeros } from '@tensorflow/tfjs-core';
import { type Composite, runComposite } from '../operations/composite.js';
import { contest } from '../operations/contest.js';
import { asFloat } from '../tape/as-float.js';
import { gradient } from '../tape/gradient.js';
import {
  coverage,
  gathered,
  type PoolAttributes,
  poolWindows,
  views,
  type Windows,
} from './windows.js';

// Max pooling takes from each window what is greatest, the first of equals, row by row, as tfjs and
// PyTorch have it. `pick` takes from another tensor what stands there and `spread` is its adjoint;
// both are linear in that other tensor, and x's own part in them is constant.

interface Attributes {
  readonly windows: Windows;
}

const pick: Composite<{ x: Tensor; values: Tensor }, Attributes> = {
  kernelName: 'TweedieWindowMaxPick',
  decompose({ x, values }, { windows }) {
    const windowed = contest(views(x, windows, Number.NEGATIVE_INFINITY));
    return windowed.pick(views(values, windows, 0));
  },
};

const spread: Composite<{ x: Tensor; dy: Tensor }, Attributes> = {
  kernelName: 'TweedieWindowMaxSpread',
  decompose({ x, dy }, { windows }) {
    const windowed = contest(views(x, windows, Number.NEGATIVE_INFINITY));
    return gathered(windowed.spread(dy), windows);
  },
};

const maxPooling = (kernelName: string): GradConfig =>
  gradient(kernelName, ['x'], (dy, [x], attributes: PoolAttributes) => ({
    x: () =>
      runComposite(spread, { x: asFloat(x), dy }, { windows: poolWindows(x.shape, attributes) }),
  }));

/** Max pooling in two and three dimensions; the mean in three. tfjs's own save the output. */
export const poolingGradients: readonly GradConfig[] = [
  maxPooling('MaxPool'),
  maxPooling('MaxPool3D'),
  gradient('AvgPool3D', ['x'], (dy, [x], attributes: PoolAttributes) => ({
    x: () => {
      const windows = poolWindows(x.shape, attributes);
      const share = div(dy, coverage(windows));
      return gathered(
        Array.from({ length: windows.sizes.reduce((a, b) => a * b, 1) }, () => share),
        windows,
      );
    },
  })),
  gradient(spread.kernelName, ['x'], (ddx, [x], attributes: Attributes) => ({
    x: () => zeros(x.shape),
    dy: () => runComposite(pick, { x, values: ddx }, attributes),
  })),
  gradient(pick.kernelName, ['x'], (dy, [x], attributes: Attributes) => ({
    x: () => zeros(x.shape),
    values: () => runComposite(spread, { x, dy }, attributes),
  })),
];
