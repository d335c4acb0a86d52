import type { Tensor } from '@tensorflow/tfjs-core';
import { choice, type FloatArray, hostArray, type Rng, sizeOf, TweedieError } from '@tweedie/core';

/** The distributions of projections. The first two have E[vvᵀ] = I, the sphere I/D. */
export const projectionDistributions = ['rademacher', 'gaussian', 'sphere'] as const;
export type ProjectionDistribution = (typeof projectionDistributions)[number];

/** `perItem` projections for each item, [B, perItem, …itemShape]. One draw of the stream. */
export function drawProjections(
  distribution: ProjectionDistribution,
  shape: readonly number[],
  perItem: number,
  rng: Rng,
): FloatArray {
  const [count = 0, ...itemShape] = shape;
  const drawn = rng.normal([count, perItem, ...itemShape]);
  if (distribution === 'gaussian') return drawn;
  if (distribution === 'rademacher') {
    return hostArray(
      drawn.data.map((value) => (value < 0 ? -1 : 1)),
      drawn.shape,
    );
  }
  const size = sizeOf(itemShape);
  const data = new Float32Array(drawn.data.length);
  for (let at = 0; at < data.length; at += size) {
    const row = drawn.data.subarray(at, at + size);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    for (let i = 0; i < size; i++) data[at + i] = row[i]! / norm;
  }
  return hostArray(data, drawn.shape);
}

/** The option of a loss whose projections may be of any distribution. */
export const projectionOption = choice(projectionDistributions, {
  default: 'rademacher',
  doc: 'how projections v are drawn: signs, normal numbers, or on the unit sphere',
});

/**
 * The projections among the draws, after a look at their shape.
 *
 * @throws TweedieError INVALID_SHAPE
 */
export function checkedProjections(id: string, projection: Tensor | undefined, x: Tensor): Tensor {
  const [count, ...itemShape] = x.shape;
  const [given, perItem = 0, ...rest] = projection?.shape ?? [];
  if (
    projection !== undefined &&
    given === count &&
    perItem > 0 &&
    rest.join() === itemShape.join()
  ) {
    return projection;
  }
  throw new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'losses',
    given: `${id}: the projections have the shape [${projection?.shape.join(', ') ?? ''}] and the items [${x.shape.join(', ')}]`,
    allowed: `[${[count, 'M', ...itemShape].join(', ')}], M projections for each item`,
  });
}
