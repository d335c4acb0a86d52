import {
  type GradConfig,
  matMul,
  reshape,
  type Tensor,
  type Tensor4D,
  tensor3d,
} from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import { gradient } from '../tape/gradient.js';
import { type Composite, runComposite } from './composite.js';

/** A linear map along one axis. */
export interface AxisMap {
  readonly outputs: number;
  readonly inputs: number;
  /** [outputs, inputs], row-major. */
  readonly weights: Float32Array;
}

/** The linear maps of resampling along the axis of rows and the axis of columns. */
export interface ResampleMaps {
  readonly vertical: AxisMap;
  readonly horizontal: AxisMap;
}

/** A linear map along the columns of an image and another along its rows. */
const resample: Composite<{ x: Tensor }, ResampleMaps> = {
  kernelName: 'TweedieResample',
  decompose({ x }, { vertical, horizontal }) {
    const [items, height, , channels] = x.shape as [number, number, number, number];
    const [tall, wide] = [vertical.outputs, horizontal.outputs];
    const lines = reshape(x, [items * height, horizontal.inputs, channels]);
    const widened = matMul(matrixOf(horizontal), lines);
    const images = reshape(widened, [items, height, wide * channels]);
    return reshape(matMul(matrixOf(vertical), images), [items, tall, wide, channels]);
  },
};

const matrixOf = ({ outputs, inputs, weights }: AxisMap) => tensor3d(weights, [1, outputs, inputs]);

/** Linear; its adjoint resamples with the transposed maps. */
export const resizeBilinearGradients: readonly GradConfig[] = [
  gradient(resample.kernelName, [], (dy, _inputs, maps: ResampleMaps) => ({
    x: () => runResampleAdjoint(dy, maps),
  })),
];

/** The adjoint of a linear map along each axis of an image: with both maps transposed. */
export function runResampleAdjoint(dy: Tensor, { vertical, horizontal }: ResampleMaps): Tensor {
  const maps = { vertical: transposed(vertical), horizontal: transposed(horizontal) };
  return runComposite(resample, { x: dy }, maps);
}

function transposed({ outputs, inputs, weights }: AxisMap): AxisMap {
  const turned = weights.map((_, i) => weights[(i % outputs) * inputs + Math.floor(i / outputs)]!);
  return { outputs: inputs, inputs: outputs, weights: turned };
}

/** Linear interpolation with the ends at the ends: point i lies at i·(inputs − 1)/(outputs − 1). */
function interpolation(outputs: number, inputs: number): AxisMap {
  const weights = new Float32Array(outputs * inputs);
  for (let i = 0; i < outputs; i++) {
    const place = outputs === 1 ? 0 : (i * (inputs - 1)) / (outputs - 1);
    const first = Math.min(Math.floor(place), Math.max(0, inputs - 2));
    weights[i * inputs + first] = 1 - (place - first);
    if (first + 1 < inputs) weights[i * inputs + first + 1] = place - first;
  }
  return { outputs, inputs, weights };
}

/**
 * Bilinear interpolation with the corner pixels at the corners, as PyTorch's interpolate with
 * align_corners. An image of that size already is returned as it is.
 *
 * @param x [N, H, W, C]
 * @returns [N, size[0], size[1], C]
 * @throws TweedieError INVALID_SHAPE
 */
export function resizeBilinear(
  x: Tensor,
  size: readonly [height: number, width: number],
): Tensor4D {
  const isWhole = (extent: number) => Number.isInteger(extent) && extent >= 1;
  if (x.rank !== 4 || size.length !== 2 || !size.every(isWhole)) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'autodiff',
      given: `resizeBilinear got x [${x.shape.join(', ')}] and the size [${size.join(', ')}]`,
      allowed: 'x [N, H, W, C] and a size of two whole numbers of at least 1',
    });
  }
  const [, height, width] = x.shape as [number, number, number, number];
  const [tall, wide] = size;
  if (height === tall && width === wide) return x as Tensor4D;
  const maps = { vertical: interpolation(tall, height), horizontal: interpolation(wide, width) };
  return runComposite(resample, { x }, maps) as Tensor4D;
}
