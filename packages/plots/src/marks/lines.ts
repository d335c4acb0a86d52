import { type MarkerShape, palette } from '../colour/palette.js';
import { type Columns, columnsOf, type PointList } from '../columns.js';
import { pathThrough } from '../path-data.js';
import { nameOfMark } from '../problems.js';
import { arrowPath } from './arrow-shape.js';
import { type Frame, joinRanges, type Mark, type Range, rangeOf } from './mark.js';
import { markerPaint, markerPath } from './marker-shape.js';
import { type Stroke, strokePaint } from './stroke.js';

export interface LinesOptions extends Stroke {
  /** A marker at the first point, hollow. */
  readonly start?: MarkerShape | undefined;
  /** A marker at the last point, filled, or an arrow head. */
  readonly end?: MarkerShape | 'arrow' | undefined;
  /** Radius of the end markers in pixels. */
  readonly radius?: number | undefined;
  readonly label?: string | undefined;
}

/**
 * Lines through points in their order, all of one look: trajectories.
 *
 * @throws TweedieError NOT_FINITE, INVALID_SHAPE
 */
export function lines(paths: readonly PointList[], options: LinesOptions = {}): Mark {
  const { start, end, radius = 4 } = options;
  const colour = options.colour ?? palette.blue;
  const width = options.width ?? 2;
  const name = nameOfMark('lines', options.label);
  const all = paths.map((path, index) =>
    columnsOf(name, path, paths.length > 1 ? ` of path ${index}` : ''),
  );
  const place = ({ x, y }: Columns, frame: Frame) =>
    Array.from(x).flatMap((value, i) => [frame.x(value), frame.y(y[i]!)]);

  return {
    kind: 'lines',
    label: options.label,
    extent: {
      x: all.map(({ x }) => rangeOf(x)).reduce<Range | undefined>(joinRanges, undefined),
      y: all.map(({ y }) => rangeOf(y)).reduce<Range | undefined>(joinRanges, undefined),
    },
    draw(frame) {
      const placed = all.map((path) => place(path, frame)).filter((path) => path.length > 0);
      const paint = strokePaint(options, colour, width);
      const strokes = placed.map((path) => `<path d="${pathThrough(path)}"/>`).join('');
      return `<g ${paint}>${strokes}</g>${placed.map((path) => ends(path)).join('')}`;
    },
    key() {
      const line = `<path d="M-15 0H15" ${strokePaint({ ...options, opacity: 1 }, colour, Math.max(width, 2))}/>`;
      return line + (end === undefined ? '' : ends([-15, 0, end === 'arrow' ? 15 : 0, 0], true));
    },
  };

  function ends(path: number[], keyOnly = false): string {
    const count = path.length;
    let drawn = '';
    if (start !== undefined && !keyOnly) {
      const d = markerPath(start, path[0]!, path[1]!, radius);
      drawn += `<path d="${d}" fill="#fff" stroke="${colour}" stroke-width="1.5"/>`;
    }
    if (end === 'arrow') {
      const [x, y] = [path[count - 2]!, path[count - 1]!];
      const [fromX, fromY] = before(path, 3 * radius);
      const length = Math.hypot(x - fromX, y - fromY);
      if (length > 0) {
        const tail = (3 * radius) / length;
        const d = arrowPath(
          x - (x - fromX) * tail,
          y - (y - fromY) * tail,
          x,
          y,
          width,
          2.2 * radius,
        );
        drawn += `<path d="${d}" fill="${colour}"/>`;
      }
    } else if (end !== undefined) {
      const d = markerPath(end, path[count - 2]!, path[count - 1]!, radius);
      drawn += `<path d="${d}" ${markerPaint(end, colour, radius)}/>`;
    }
    return drawn;
  }
}

/** The last point of a path that is at least `distance` pixels from its end, or its first. */
function before(path: readonly number[], distance: number): readonly [number, number] {
  const count = path.length;
  for (let i = count - 4; i >= 0; i -= 2) {
    const gap = Math.hypot(path[count - 2]! - path[i]!, path[count - 1]! - path[i + 1]!);
    if (gap >= distance) return [path[i]!, path[i + 1]!];
  }
  return [path[0]!, path[1]!];
}

/** One line through points. See `lines`. */
export function line(through: PointList, options: LinesOptions = {}): Mark {
  return lines([through], options);
}
