import { palette } from '../colour/palette.js';
import { coordinate, pathThrough } from '../path-data.js';
import { checkFinite, checkSameLength, nameOfMark } from '../problems.js';
import { joinRanges, type Mark, rangeOf } from './mark.js';
import { type Stroke, strokePaint } from './stroke.js';

export interface CurveOptions extends Stroke {
  /** Half the height of a band around the curve: a standard error, one number a point. */
  readonly error?: ArrayLike<number> | undefined;
  /** The lower edge of a band, in place of `error`. */
  readonly low?: ArrayLike<number> | undefined;
  /** The upper edge of a band. */
  readonly high?: ArrayLike<number> | undefined;
  /** Fills down to this value in place of a band: 0 for a density. */
  readonly fillTo?: number | undefined;
  readonly label?: string | undefined;
}

/**
 * A curve y over x, with a band around it where one is given.
 *
 * @throws TweedieError NOT_FINITE, INVALID_SHAPE
 */
export function curve(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: CurveOptions = {},
): Mark {
  const name = nameOfMark('curve', options.label);
  const { error } = options;
  const colour = options.colour ?? palette.blue;
  checkSameLength(name, {
    x: x.length,
    y: y.length,
    error: error?.length,
    low: options.low?.length,
    high: options.high?.length,
  });
  const columns = { x, y, error, low: options.low, high: options.high };
  for (const [column, values] of Object.entries(columns)) {
    if (values !== undefined) checkFinite(name, column, values);
  }
  const low = options.low ?? (error && Array.from(y, (value, i) => value - error[i]!));
  const high = options.high ?? (error && Array.from(y, (value, i) => value + error[i]!));
  const floor = options.fillTo === undefined ? undefined : [options.fillTo];
  const edges = [low, high, floor].map((edge) => edge && rangeOf(edge));
  const hasBand = low !== undefined || high !== undefined || floor !== undefined;

  return {
    kind: 'curve',
    label: options.label,
    extent: {
      x: rangeOf(x),
      y: edges.reduce(joinRanges, rangeOf(y)),
    },
    draw(frame) {
      const along = (values: ArrayLike<number>) =>
        Array.from(values).flatMap((value, i) => [frame.x(x[i]!), frame.y(value)]);
      const upper = along(high ?? y);
      const lower = along(floor === undefined ? (low ?? y) : Array.from(y, () => floor[0]!));
      const outline = [...upper, ...reversed(lower)];
      const band = hasBand
        ? `<path d="${pathThrough(outline, true)}" fill="${colour}" fill-opacity="0.2"/>`
        : '';
      return `${band}<path d="${pathThrough(along(y))}" ${strokePaint(options, colour, 2.5)}/>`;
    },
    key() {
      const band = hasBand
        ? `<rect x="-15" y="-7" width="30" height="14" fill="${colour}" fill-opacity="0.2"/>`
        : '';
      const width = coordinate(Math.max(options.width ?? 2.5, 2));
      return `${band}<path d="M-15 0H15" ${strokePaint({ ...options, opacity: 1 }, colour, Number(width))}/>`;
    },
  };
}

/** Points given as alternating x and y, backwards. */
function reversed(xy: readonly number[]): number[] {
  const result: number[] = [];
  for (let i = xy.length - 2; i >= 0; i -= 2) result.push(xy[i]!, xy[i + 1]!);
  return result;
}
