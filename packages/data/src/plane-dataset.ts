import { hostArray } from '@tweedie/core';
import { checkBatchRequest } from './batch-request.js';
import type { DatasetBody } from './finite-dataset.js';

/** A distribution on the plane: a point from a class, two uniform and two normal numbers. */
export interface PlaneDistribution {
  /** Number of classes, each as likely as the others; 0 for none. */
  readonly classes: number;
  /** Standard deviation of the normal noise that is added to each coordinate. */
  readonly noise: number;
  /**
   * The point before noise, in any units and place.
   *
   * @param label 0 … classes − 1, or 0
   * @param u two numbers in [0, 1)
   * @param z two standard normal numbers
   */
  point(
    label: number,
    u: readonly [number, number],
    z: readonly [number, number],
  ): readonly [number, number];
  /** Mean of `point`. */
  readonly centre: readonly [number, number];
  /** Mean squared distance of `point` from the centre. */
  readonly spread: number;
}

/**
 * A dataset that is drawn from a distribution on the plane. Without noise it has mean 0 and mean
 * variance 1 a coordinate (E‖x‖² = 2), whatever the shape; noise is in these units. Item i of step
 * s is a function of (the generator's key, s, i) and does not depend on the batch size.
 */
export function planeDataset(distribution: PlaneDistribution): DatasetBody {
  const { classes, noise, centre, spread } = distribution;
  const scale = Math.sqrt(2 / spread);
  return {
    itemShape: [2],
    size: Number.POSITIVE_INFINITY,
    classes,
    batch(rng, step, batchSize) {
      checkBatchRequest(step, batchSize);
      const stream = rng.fork('step').fork(step);
      const label = stream.integers([batchSize], 0, Math.max(1, classes));
      const u = stream.uniform([batchSize, 2]).data;
      const z = stream.normal([batchSize, 4]).data;
      const data = new Float32Array(batchSize * 2);
      for (let i = 0; i < batchSize; i++) {
        const [x, y] = distribution.point(
          label.data[i]!,
          [u[2 * i]!, u[2 * i + 1]!],
          [z[4 * i]!, z[4 * i + 1]!],
        );
        data[2 * i] = scale * (x - centre[0]) + noise * z[4 * i + 2]!;
        data[2 * i + 1] = scale * (y - centre[1]) + noise * z[4 * i + 3]!;
      }
      const x = hostArray(data, [batchSize, 2]);
      return classes === 0 ? { x } : { x, label };
    },
  };
}
