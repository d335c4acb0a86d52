import { area } from 'd3-shape';
import { palette } from '../colour/palette.js';
import { coordinate, linePath } from '../path-data.js';
import { checkFinite, checkSameLength, nameOfMark } from '../problems.js';
import { joinRanges, rangeOf } from '../range.js';
import type { Mark } from './mark.js';
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
  const { fillTo } = options;
  const edges = [y, low, high, fillTo === undefined ? undefined : [fillTo]];
  const hasBand = low !== undefined || high !== undefined || fillTo !== undefined;

  return {
    kind: 'curve',
    label: options.label,
    extent: {
      x: rangeOf(x),
      y: joinRanges(edges.map((edge) => edge && rangeOf(edge))),
    },
    draw(frame) {
      const values = Array.from(y);
      const outline = area<number>()
        .x((_, i) => frame.x(x[i]!))
        .y0((_, i) => frame.y(fillTo ?? (low ?? y)[i]!))
        .y1((_, i) => frame.y((high ?? y)[i]!))
        .digits(1);
      const band = hasBand
        ? `<path d="${outline(values) ?? ''}" fill="${colour}" fill-opacity="0.2"/>`
        : '';
      const path = linePath(values.map((value, i) => [frame.x(x[i]!), frame.y(value)]));
      return `${band}<path d="${path}" ${strokePaint(options, colour, 2.5)}/>`;
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
