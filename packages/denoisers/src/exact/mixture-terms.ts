import {
  expandDims,
  matMul,
  mul,
  reshape,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  tensor1d,
  tensor2d,
  tensor3d,
} from '@tensorflow/tfjs-core';
import {
  type GaussianComponent,
  type GaussianMixture,
  type Level,
  TweedieError,
} from '@tweedie/core';

/** What the exact functions of a mixture are made of, for K components in D dimensions. */
export interface MixtureTerms {
  /** Of points [B, D] at a level. @throws TweedieError INVALID_SHAPE */
  at(
    x: Tensor,
    level: Level,
  ): {
    /** The components of the distribution of x_t. */
    readonly noisy: readonly GaussianComponent[];
    /** The largest variance. */
    readonly scale: number;
    /** x − αm_k along the axes of component k, [B, K, D]. */
    readonly offset: Tensor;
    /** 1/variance along each axis, [1, K, D]. */
    readonly precision: Tensor;
    /** The logarithm of each component's part of the density without (2π·scale)^(−D/2), [B, K]. */
    readonly logDensities: Tensor;
  };
  /** Numbers of each component along each of its axes, as [1, K, D]. */
  perAxis(values: readonly (readonly number[])[]): Tensor3D;
  /** [K, D] */
  means(): Tensor2D;
  /** The sum of the components' vectors [B, K, D], which are given along their axes, as [B, D]. */
  sumOverComponents(alongAxes: Tensor): Tensor;
}

export function mixtureTerms(mixture: GaussianMixture): MixtureTerms {
  const { components, dimension } = mixture;
  const count = components.length;
  const isAligned = components.every(({ axes }) => axes === undefined);
  const axesOf = ({ axes, mean }: GaussianComponent) =>
    axes ?? mean.map((_, j) => mean.map((_, i) => (i === j ? 1 : 0)));
  // All axes of all components, one a row: row k·D + j is axis j of component k.
  const allAxes = components.flatMap((component) => axesOf(component).flat());
  const axesTensor = () => tensor2d(allAxes, [count * dimension, dimension]);
  const perAxis = (values: readonly (readonly number[])[]) =>
    tensor3d(values.flat(), [1, count, dimension]);

  return {
    perAxis,
    means: () =>
      tensor2d(
        components.flatMap(({ mean }) => mean),
        [count, dimension],
      ),
    sumOverComponents: (alongAxes) =>
      isAligned
        ? sum(alongAxes, 1)
        : matMul(reshape(alongAxes, [-1, count * dimension]) as Tensor, axesTensor()),
    at(x, level) {
      if (x.rank !== 2 || x.shape[1] !== dimension) {
        throw new TweedieError({
          code: 'INVALID_SHAPE',
          package: 'denoisers',
          given: `x has the shape [${x.shape.join(', ')}]`,
          allowed: `[B, ${dimension}]`,
        });
      }
      const { components: noisy, logHeights } = mixture.at(level);
      const { logs, scale } = logHeights;
      const centres = noisy.map(({ mean, axes }) =>
        axes === undefined
          ? mean
          : axes.map((axis) => axis.reduce((total, value, i) => total + value * mean[i]!, 0)),
      );
      const alongAxes = isAligned
        ? expandDims(x, 1)
        : reshape(matMul(x, axesTensor(), false, true), [-1, count, dimension]);
      const offset = sub(alongAxes, perAxis(centres));
      const precision = perAxis(noisy.map(({ variances }) => variances.map((v) => 1 / v)));
      const distance = sum(mul(mul(offset, offset), precision), 2);
      const logDensities = sub(tensor1d([...logs]), mul(distance, 0.5));
      return { noisy, scale, offset, precision, logDensities };
    },
  };
}
