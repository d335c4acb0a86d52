import { type MarkerShape, palette } from '../colour/palette.js';
import { type Columns, columnsOf, type PointList } from '../columns.js';
import { linePath, type PixelPoint } from '../path-data.js';
import { nameOfMark } from '../problems.js';
import { joinRanges, rangeOf } from '../range.js';
import { arrowPath } from './arrow-shape.js';
import type { Frame, Mark } from './mark.js';
import { markerOf, markerPaint } from './marker-shape.js';
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
  const place = ({ x, y }: Columns, frame: Frame): PixelPoint[] =>
    Array.from(x, (value, i) => [frame.x(value), frame.y(y[i]!)]);

  return {
    kind: 'lines',
    label: options.label,
    extent: {
      x: joinRanges(all.map(({ x }) => rangeOf(x))),
      y: joinRanges(all.map(({ y }) => rangeOf(y))),
    },
    draw(frame) {
      const placed = all.map((path) => place(path, frame)).filter((path) => path.length > 0);
      const paint = strokePaint(options, colour, width);
      const strokes = placed.map((path) => `<path d="${linePath(path)}"/>`).join('');
      const ends = placed.map((path) => drawStart(path) + drawEnd(path)).join('');
      return `<g ${paint}>${strokes}</g>${ends}`;
    },
    key() {
      const line = `<path d="M-15 0H15" ${strokePaint({ ...options, opacity: 1 }, colour, Math.max(width, 2))}/>`;
      const tip: PixelPoint = [end === 'arrow' ? 15 : 0, 0];
      return line + (end === undefined ? '' : drawEnd([[-15, 0], tip]));
    },
  };

  function drawStart([first]: readonly PixelPoint[]): string {
    if (start === undefined) return '';
    return markerOf(start, radius)(...first!, `fill="#fff" stroke="${colour}" stroke-width="1.5"`);
  }

  function drawEnd(path: readonly PixelPoint[]): string {
    const [x, y] = path.at(-1)!;
    if (end === undefined) return '';
    if (end !== 'arrow') return markerOf(end, radius)(x, y, markerPaint(end, colour, radius));
    const [fromX, fromY] = before(path, 3 * radius);
    const length = Math.hypot(x - fromX, y - fromY);
    if (length === 0) return '';
    const tail = (3 * radius) / length;
    const [tailX, tailY] = [x - (x - fromX) * tail, y - (y - fromY) * tail];
    return `<path d="${arrowPath(tailX, tailY, x, y, width, 2.2 * radius)}" fill="${colour}"/>`;
  }
}

/** The last point of a path that is at least `distance` pixels from its end, or its first. */
function before(path: readonly PixelPoint[], distance: number): PixelPoint {
  const [endX, endY] = path.at(-1)!;
  return path.findLast(([x, y]) => Math.hypot(endX - x, endY - y) >= distance) ?? path[0]!;
}

/** One line through points. See `lines`. */
export function line(through: PointList, options: LinesOptions = {}): Mark {
  return lines([through], options);
}
