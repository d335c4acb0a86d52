import { type MarkerShape, palette } from '../colour/palette.js';
import { colourScale, steppedColour, type ValueColours } from '../colour/value-colours.js';
import { columnsOf, type PointList } from '../columns.js';
import { coordinate } from '../path-data.js';
import { checkFinite, checkSameLength, nameOfMark } from '../problems.js';
import { rangeOf } from '../range.js';
import type { Mark } from './mark.js';
import { markerOf, markerPaint } from './marker-shape.js';

export interface PointsOptions extends ValueColours {
  readonly colour?: string | undefined;
  /** Pixels. */
  readonly radius?: number | undefined;
  /** 0 … 1 */
  readonly opacity?: number | undefined;
  readonly shape?: MarkerShape | undefined;
  /** One number a point, which `ramp`, `domain` and `scale` turn into its colour. */
  readonly values?: ArrayLike<number> | undefined;
  readonly label?: string | undefined;
}

/**
 * A scatter of points.
 *
 * @throws TweedieError NOT_FINITE, INVALID_SHAPE (no 2-D points; not one value a point)
 */
export function points(at: PointList, options: PointsOptions = {}): Mark {
  const { colour = palette.blue, radius = 3, opacity = 0.7, shape = 'circle', values } = options;
  const name = nameOfMark('points', options.label);
  const { x, y } = columnsOf(name, at);
  if (values !== undefined) {
    checkSameLength(name, { points: x.length, values: values.length });
    checkFinite(name, 'value', values);
  }
  const colours = values === undefined ? undefined : colourScale(name, options, rangeOf(values));
  return {
    kind: 'points',
    label: options.label,
    extent: { x: rangeOf(x), y: rangeOf(y) },
    colours,
    draw(frame) {
      const marker = markerOf(shape, radius);
      const paintOf = (i: number) =>
        colours && markerPaint(shape, steppedColour(colours, values![i]!), radius);
      const paint = colours === undefined ? markerPaint(shape, colour, radius) : '';
      // Every point has its own opacity, so that crowds are darker than their members.
      const group = `<g fill-opacity="${coordinate(opacity)}" stroke-opacity="${coordinate(opacity)}" ${paint}>`;
      const all = Array.from(x, (px, i) => marker(frame.x(px), frame.y(y[i]!), paintOf(i)));
      return `${group}${all.join('')}</g>`;
    },
    key() {
      const size = Math.min(7, Math.max(4.5, radius));
      const paint = markerPaint(shape, colours === undefined ? colour : '#555', size);
      const visible = `opacity="${opacity < 0.6 ? 0.8 : coordinate(opacity)}"`;
      return markerOf(shape, size)(0, 0, `${paint} ${visible}`);
    },
  };
}
