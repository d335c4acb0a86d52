import { palette } from '../colour/palette.js';
import { colourScale, steppedColour, type ValueColours } from '../colour/value-colours.js';
import { columnsOf, type PointList } from '../columns.js';
import { coordinate } from '../path-data.js';
import { checkSameLength, nameOfMark } from '../problems.js';
import { rangeOf } from '../range.js';
import { arrowPath } from './arrow-shape.js';
import type { Frame, Mark } from './mark.js';

export interface ArrowsOptions extends ValueColours {
  readonly colour?: string | undefined;
  /** Colours by the vectors' lengths, by `ramp`, `domain` and `scale`, in place of `colour`. */
  readonly byMagnitude?: boolean | undefined;
  /**
   * Pixels of an arrow at `reference`. Unless given, the most with which the arrows of a regular field
   * do not touch.
   */
  readonly length?: number | undefined;
  /** The magnitude that is drawn at `length`; the largest unless given. Longer ones stop there. */
  readonly reference?: number | undefined;
  /**
   * Arrows are as long as magnitude^exponent: 1 is to scale, 0.5 shows strong and weak together,
   * 0 shows directions only.
   */
  readonly exponent?: number | undefined;
  /** Thickness of the shafts in pixels. */
  readonly width?: number | undefined;
  readonly opacity?: number | undefined;
  /** The part of the arrow at the point: its tail or its middle. */
  readonly pivot?: 'tail' | 'middle' | undefined;
  readonly label?: string | undefined;
}

/**
 * A field of vectors.
 *
 * @param at the points of the arrows
 * @param vectors one a point, in data units
 * @throws TweedieError NOT_FINITE, INVALID_SHAPE
 */
export function arrows(at: PointList, vectors: PointList, options: ArrowsOptions = {}): Mark {
  const { colour = '#333', width = 1.8, exponent = 1, opacity = 1, pivot = 'middle' } = options;
  const name = nameOfMark('arrows', options.label);
  const { x, y } = columnsOf(name, at);
  const { x: u, y: v } = columnsOf(name, vectors, ' of a vector');
  checkSameLength(name, { points: x.length, vectors: u.length });
  const magnitudes = Array.from(u, (ux, i) => Math.hypot(ux, v[i]!));
  const largest = options.reference ?? rangeOf(magnitudes)?.[1] ?? 1;
  const colours = options.byMagnitude ? colourScale(name, options, rangeOf(magnitudes)) : undefined;

  const drawOne = (frame: Frame, i: number, longest: number): string => {
    // Directions are those on the page, so that arrows follow curves also with unequal axes.
    const dx = frame.x(x[i]! + u[i]!) - frame.x(x[i]!);
    const dy = frame.y(y[i]! + v[i]!) - frame.y(y[i]!);
    const pixels = Math.hypot(dx, dy);
    if (pixels === 0 || largest === 0) return '';
    const length = longest * Math.min(1, magnitudes[i]! / largest) ** exponent;
    const tx = (dx / pixels) * length;
    const ty = (dy / pixels) * length;
    const back = pivot === 'middle' ? 0.5 : 0;
    const px = frame.x(x[i]!) - back * tx;
    const py = frame.y(y[i]!) - back * ty;
    return arrowPath(px, py, px + tx, py + ty, width);
  };

  return {
    kind: 'arrows',
    label: options.label,
    extent: { x: rangeOf(x), y: rangeOf(y) },
    colours,
    draw(frame) {
      const longest = options.length ?? spacing(frame, x.length);
      const paths = new Map<string, string>();
      for (let i = 0; i < x.length; i++) {
        const paint = colours === undefined ? colour : steppedColour(colours, magnitudes[i]!);
        paths.set(paint, (paths.get(paint) ?? '') + drawOne(frame, i, longest));
      }
      return [...paths]
        .filter(([, path]) => path !== '')
        .map(([paint, path]) => `<path d="${path}" fill="${paint}" ${alpha(opacity)}/>`)
        .join('');
    },
    key() {
      const paint = colours === undefined ? colour : palette.black;
      return `<path d="${arrowPath(-13, 0, 13, 0, Math.max(width, 1.8))}" fill="${paint}"/>`;
    },
  };
}

/** A little less than the distance between `count` points evenly spread over the frame. */
function spacing(frame: Frame, count: number): number {
  return 0.95 * Math.sqrt((frame.width * frame.height) / Math.max(count, 1));
}

function alpha(opacity: number): string {
  return opacity === 1 ? '' : `opacity="${coordinate(opacity)}"`;
}
