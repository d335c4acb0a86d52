import { engine, type GradConfig, type NamedAttrMap, type Tensor } from '@tensorflow/tfjs-core';
import { gradient } from '../tape/gradient.js';
import { dilated, dilatedShape, undilated } from './dilated.js';

// Depthwise convolutions and those in three dimensions. As with every convolution, the kernel and
// its two gradients are linear in each input, so they are each other's derivatives of every order.

interface Attributes {
  readonly strides: number | readonly number[];
  readonly pad: unknown;
  /** Some operations of tfjs pass null for 1. */
  readonly dilations?: number | readonly number[] | null;
  readonly dimRoundingMode?: string;
}

/** The names of a convolution and of its gradients. */
interface Family {
  readonly forward: string;
  readonly toInput: string;
  readonly toFilter: string;
  readonly spatialRank: number;
}

const run = (kernelName: string, inputs: Record<string, Tensor>, attributes: object): Tensor =>
  engine().runKernel(kernelName, inputs, attributes as NamedAttrMap);

function familyGradients({ forward, toInput, toFilter, spatialRank }: Family): GradConfig[] {
  const stepsOf = ({ dilations }: Attributes): readonly number[] => {
    const steps = dilations ?? 1;
    return typeof steps === 'number' ? Array<number>(spatialRank).fill(steps) : steps;
  };
  const plain = ({ strides, pad, dimRoundingMode }: Attributes) => ({
    strides,
    pad,
    dilations: Array<number>(spatialRank).fill(1),
    ...(dimRoundingMode === undefined ? {} : { dimRoundingMode }),
  });
  const toInputOf = (
    dy: Tensor,
    filter: Tensor,
    inputShape: readonly number[],
    attributes: Attributes,
  ) =>
    run(
      toInput,
      { dy, filter: dilated(filter, stepsOf(attributes)) },
      { ...plain(attributes), inputShape },
    );
  const toFilterOf = (
    x: Tensor,
    dy: Tensor,
    shape: readonly number[],
    attributes: Attributes,
  ): Tensor => {
    const steps = stepsOf(attributes);
    const filterShape = dilatedShape(shape, steps);
    const large = run(toFilter, { x, dy }, { ...plain(attributes), filterShape });
    return undilated(large, shape, steps);
  };
  const forwardOf = (x: Tensor, filter: Tensor, attributes: Attributes) =>
    run(forward, { x, filter: dilated(filter, stepsOf(attributes)) }, plain(attributes));

  return [
    gradient(forward, ['x', 'filter'], (dy, [x, filter], attributes: Attributes) => ({
      x: () => toInputOf(dy, filter, x.shape, attributes),
      filter: () => toFilterOf(x, dy, filter.shape, attributes),
    })),
    gradient(toInput, ['dy', 'filter'], (ddx, [dy, filter], attributes: Attributes) => ({
      dy: () => forwardOf(ddx, filter, attributes),
      filter: () => toFilterOf(ddx, dy, filter.shape, attributes),
    })),
    gradient(toFilter, ['x', 'dy'], (ddw, [x, dy], attributes: Attributes) => ({
      x: () => toInputOf(dy, ddw, x.shape, attributes),
      dy: () => forwardOf(x, ddw, attributes),
    })),
  ];
}

export const otherConvolutionGradients: readonly GradConfig[] = [
  ...familyGradients({
    forward: 'DepthwiseConv2dNative',
    toInput: 'DepthwiseConv2dNativeBackpropInput',
    toFilter: 'DepthwiseConv2dNativeBackpropFilter',
    spatialRank: 2,
  }),
  ...familyGradients({
    forward: 'Conv3D',
    toInput: 'Conv3DBackpropInputV2',
    toFilter: 'Conv3DBackpropFilterV2',
    spatialRank: 3,
  }),
];
