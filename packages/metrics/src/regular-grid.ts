import { type FloatArray, hostArray } from '@tweedie/core';
import { checkWhole, refuseOption } from './options.js';

export interface RegularGrid {
  /** Centres of the cells, [N, D]; the last coordinate runs fastest. */
  readonly points: FloatArray;
  /** Number of cells along each axis. */
  readonly counts: readonly number[];
  readonly cellVolume: number;
}

/**
 * The centres of equal cells that fill a box, for integrals by the midpoint rule.
 *
 * @param low the box's lower corner, D numbers
 * @param high its upper corner
 * @param count cells along each axis
 * @throws TweedieError INVALID_OPTION
 */
export function regularGrid(
  low: readonly number[],
  high: readonly number[],
  count: number,
): RegularGrid {
  const dimension = low.length;
  checkWhole('count', count, 1);
  const widths = low.map((start, d) => (high[d]! - start) / count);
  if (dimension === 0 || high.length !== dimension || !widths.every((width) => width > 0)) {
    refuseOption(
      `the grid goes from [${low.join(', ')}] to [${high.join(', ')}]`,
      'two corners of as many numbers, each of the second above that of the first',
    );
  }
  const total = count ** dimension;
  const data = new Float32Array(total * dimension);
  for (let cell = 0; cell < total; cell++) {
    let rest = cell;
    for (let d = dimension - 1; d >= 0; d--) {
      data[cell * dimension + d] = low[d]! + ((rest % count) + 0.5) * widths[d]!;
      rest = Math.floor(rest / count);
    }
  }
  return {
    points: hostArray(data, [total, dimension]),
    counts: new Array<number>(dimension).fill(count),
    cellVolume: widths.reduce((product, width) => product * width, 1),
  };
}
