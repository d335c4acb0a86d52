import type { GradConfig } from '@tensorflow/tfjs-core';
import {
  type AxisMap,
  type ResampleMaps,
  runResampleAdjoint,
} from '../operations/resize-bilinear.js';
import { gradient } from '../tape/gradient.js';

/** The attributes of tfjs's resizing kernels. */
export interface ResizeAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
  readonly size: readonly [height: number, width: number];
}

type Resizing = 'bilinear' | 'nearest';

/**
 * What tfjs's `image.resizeBilinear` and `image.resizeNearestNeighbor` do along each axis, as
 * matrices [outputs, inputs].
 *
 * @param size height and width of the image
 */
export function resizeMaps(
  method: Resizing,
  size: readonly [height: number, width: number],
  attributes: ResizeAttributes,
): ResampleMaps {
  const along = (axis: 0 | 1) => {
    const sources = sourcesAlong(method, size[axis], attributes.size[axis], attributes);
    return mapFrom(sources, size[axis]);
  };
  return { vertical: along(0), horizontal: along(1) };
}

/** Where an output looks: at `first`, and with the weight `fraction` at `second`. */
interface Source {
  readonly first: number;
  readonly second: number;
  readonly fraction: number;
}

function sourcesAlong(
  method: Resizing,
  inputs: number,
  outputs: number,
  { alignCorners, halfPixelCenters }: ResizeAttributes,
): Source[] {
  const isAligned = alignCorners && outputs > 1;
  const ratio = isAligned ? (inputs - 1) / (outputs - 1) : inputs / outputs;
  const inside = (place: number) => Math.min(inputs - 1, Math.max(0, place));
  return Array.from({ length: outputs }, (_, i) => {
    if (method === 'nearest') {
      const place = ratio * (halfPixelCenters ? i + 0.5 : i);
      const nearest = inside(alignCorners ? Math.round(place) : Math.floor(place));
      return { first: nearest, second: nearest, fraction: 0 };
    }
    const place = halfPixelCenters ? ratio * (i + 0.5) - 0.5 : ratio * i;
    const first = Math.max(0, Math.floor(place));
    return { first, second: inside(Math.ceil(place)), fraction: place - first };
  });
}

function mapFrom(sources: readonly Source[], inputs: number): AxisMap {
  const weights = new Float32Array(sources.length * inputs);
  sources.forEach(({ first, second, fraction }, i) => {
    weights[i * inputs + first]! += 1 - fraction;
    weights[i * inputs + second]! += fraction;
  });
  return { outputs: sources.length, inputs, weights };
}

const resizing = (kernelName: string, method: Resizing): GradConfig =>
  gradient(kernelName, ['images'], (dy, [images], attributes: ResizeAttributes) => ({
    images: () => {
      const [, height, width] = images.shape as [number, number, number];
      return runResampleAdjoint(dy, resizeMaps(method, [height, width], attributes));
    },
  }));

/** Exact adjoints. tfjs's own are wrong for half-pixel centres, and on the cpu backend for more. */
export const resizeGradients: readonly GradConfig[] = [
  resizing('ResizeBilinear', 'bilinear'),
  resizing('ResizeNearestNeighbor', 'nearest'),
];
