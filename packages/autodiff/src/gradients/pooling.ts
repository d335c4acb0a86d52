import {
  div,
  type GradConfig,
  greater,
  type Tensor,
  where,
  zeros,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { type Composite, runComposite } from '../operations/composite.js';
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
    const { beats } = contest(views(x, windows, Number.NEGATIVE_INFINITY));
    const [first, ...rest] = views(values, windows, 0);
    return rest.reduce((kept, value, i) => where(beats[i]!, value, kept), first!);
  },
};

const spread: Composite<{ x: Tensor; dy: Tensor }, Attributes> = {
  kernelName: 'TweedieWindowMaxSpread',
  decompose({ x, dy }, { windows }) {
    const { beats } = contest(views(x, windows, Number.NEGATIVE_INFINITY));
    const parts: Tensor[] = [];
    let left = dy;
    for (const better of beats.toReversed()) {
      parts.unshift(where(better, left, zerosLike(left)));
      left = where(better, zerosLike(left), left);
    }
    return gathered([left, ...parts], windows);
  },
};

/** Which of several tensors is greater than all before it, element by element. */
function contest([first, ...others]: readonly Tensor[]) {
  let greatest = first!;
  const beats = others.map((other) => {
    const better = greater(other, greatest);
    greatest = where(better, other, greatest);
    return better;
  });
  return { beats };
}

const maxPooling = (kernelName: string): GradConfig =>
  gradient(kernelName, ['x'], (dy, [x], attributes: PoolAttributes) => ({
    x: () => runComposite(spread, { x, dy }, { windows: poolWindows(x.shape, attributes) }),
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
