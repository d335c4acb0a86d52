import { contours as isolines } from 'd3-contour';
import { neutral } from '../colour/palette.js';
import { colourScale, steppedColour, type ValueColours } from '../colour/value-colours.js';
import { checkGrid, type Grid } from '../grid.js';
import { coordinate, type PixelPoint, polygonPath } from '../path-data.js';
import { checkFinite, nameOfMark, refuseOption } from '../problems.js';
import { rangeOf } from '../range.js';
import type { Frame, Mark } from './mark.js';
import { type Stroke, strokePaint } from './stroke.js';

export interface ContoursOptions extends Stroke, ValueColours {
  /** The values to draw at, or how many, spread evenly between the lowest and the highest. */
  readonly levels?: number | readonly number[] | undefined;
  /** Fills above each level with the colour map; lines are drawn in one colour otherwise. */
  readonly filled?: boolean | undefined;
  readonly label?: string | undefined;
}

/**
 * Lines of equal value, or filled steps between them.
 *
 * @throws TweedieError NOT_FINITE, INVALID_SHAPE, INVALID_VALUE
 */
export function contours(grid: Grid, options: ContoursOptions = {}): Mark {
  const name = nameOfMark('contours', options.label);
  checkGrid(name, grid);
  checkFinite(name, 'value', grid.values);
  const levels = levelsOf(name, options.levels ?? 8, grid);
  const colour = options.colour ?? neutral;
  const colours =
    options.filled || options.ramp !== undefined
      ? colourScale(name, options, rangeOf(grid.values))
      : undefined;
  const shapes = isolines()
    .size([grid.columns + 2, grid.rows + 2])
    .thresholds(levels)(padded(grid));

  const outline = (frame: Frame, rings: readonly (readonly number[][])[]) =>
    rings.map((ring) => polygonPath(ring.map(([cx, cy]) => place(frame, cx!, cy!)))).join('');
  /** Pixels of a point of the padded grid, whose cells are 1 wide. */
  const place = (frame: Frame, cx: number, cy: number): PixelPoint => [
    frame.x(grid.x[0] + ((cx - 1) / grid.columns) * (grid.x[1] - grid.x[0])),
    frame.y(grid.y[0] + ((cy - 1) / grid.rows) * (grid.y[1] - grid.y[0])),
  ];

  return {
    kind: 'contours',
    label: options.label,
    extent: { x: grid.x, y: grid.y },
    colours,
    draw(frame) {
      const paths = shapes
        .map((shape) => ({
          level: shape.value,
          path: shape.coordinates.map((rings) => outline(frame, rings)).join(''),
        }))
        .filter(({ path }) => path !== '');
      if (options.filled && colours !== undefined) {
        const opacity =
          options.opacity === undefined ? '' : ` fill-opacity="${coordinate(options.opacity)}"`;
        return paths
          .map(
            ({ level, path }) =>
              `<path d="${path}" fill="${steppedColour(colours, level)}"${opacity}/>`,
          )
          .join('');
      }
      if (colours === undefined) {
        return `<path d="${paths.map(({ path }) => path).join('')}" ${strokePaint(options, colour, 1.3)}/>`;
      }
      return paths
        .map(({ level, path }) => {
          const stroke = { ...options, colour: steppedColour(colours, level) };
          return `<path d="${path}" ${strokePaint(stroke, colour, 1.3)}/>`;
        })
        .join('');
    },
    key() {
      const stroke =
        colours === undefined
          ? options
          : { ...options, colour: steppedColour(colours, middle(colours.domain)) };
      return `<ellipse rx="14" ry="7" ${strokePaint(stroke, colour, 1.3)}/><ellipse rx="6" ry="3" ${strokePaint(stroke, colour, 1.3)}/>`;
    },
  };
}

function middle([low, high]: readonly [number, number]): number {
  return (low + high) / 2;
}

function levelsOf(name: string, levels: number | readonly number[], grid: Grid): number[] {
  if (typeof levels !== 'number') {
    checkFinite(name, 'level', levels);
    return [...levels].sort((a, b) => a - b);
  }
  if (!Number.isInteger(levels) || levels < 1) {
    throw refuseOption(
      'INVALID_VALUE',
      `${name}: levels is ${levels}`,
      'a whole number of at least 1, or a list of values',
    );
  }
  const [low, high] = rangeOf(grid.values)!;
  return Array.from({ length: levels }, (_, i) => low + ((i + 1) / (levels + 1)) * (high - low));
}

/**
 * The values with a border of one cell, extrapolated linearly: contours close along the border of their
 * grid, which then lies outside the plot area.
 */
function padded({ columns, rows, values }: Grid): number[] {
  /** The nearest index inside, and the inner neighbour to extrapolate from. */
  const continued = (index: number, count: number) => {
    const inside = Math.min(count - 1, Math.max(0, index));
    return { inside, mirrored: Math.min(count - 1, Math.max(0, 2 * inside - index)) };
  };
  return Array.from({ length: (columns + 2) * (rows + 2) }, (_, i) => {
    const column = continued((i % (columns + 2)) - 1, columns);
    const row = continued(Math.floor(i / (columns + 2)) - 1, rows);
    const edge = values[row.inside * columns + column.inside]!;
    return 2 * edge - values[row.mirrored * columns + column.mirrored]!;
  });
}
