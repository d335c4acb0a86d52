import { palette } from '../colour/palette.js';
import { coordinate } from '../path-data.js';
import { checkFinite, checkRange, checkSameLength, nameOfMark, refuseOption } from '../problems.js';
import { joinRanges, type Range, rangeOf } from '../range.js';
import { drawText } from '../text/draw-text.js';
import type { Frame, Mark } from './mark.js';

export interface BarsOptions {
  /** Positions of the bars; 0, 1, 2 … unless given, as on a categorical axis. */
  readonly x?: ArrayLike<number> | undefined;
  /** Width of a bar, or of a group of bars, in data units. */
  readonly width?: number | undefined;
  /** Position of these bars in a group of several marks that share their x. */
  readonly group?: { readonly index: number; readonly of: number } | undefined;
  /** Half the length of each bar's error bar. */
  readonly error?: ArrayLike<number> | undefined;
  readonly colour?: string | undefined;
  readonly opacity?: number | undefined;
  /** Hatches the bars, so that groups differ without their colours. */
  readonly hatched?: boolean | undefined;
  /** Text above each bar. */
  readonly texts?: readonly string[] | undefined;
  readonly label?: string | undefined;
}

/**
 * Bars from zero to their heights.
 *
 * @throws TweedieError NOT_FINITE, INVALID_SHAPE, INVALID_VALUE
 */
export function bars(heights: ArrayLike<number>, options: BarsOptions = {}): Mark {
  const { colour = palette.blue, opacity = 1, error, group, hatched = false, texts } = options;
  const width = options.width ?? 0.8;
  const name = nameOfMark('bars', options.label);
  const x = options.x ?? Array.from(heights, (_, i) => i);
  checkSameLength(name, {
    heights: heights.length,
    x: x.length,
    error: error?.length,
    texts: texts?.length,
  });
  checkFinite(name, 'height', heights);
  checkFinite(name, 'x', x);
  if (error !== undefined) checkFinite(name, 'error', error);
  if (!(width > 0 && Number.isFinite(width))) {
    throw refuseOption('INVALID_VALUE', `${name}: width is ${width}`, 'a number above 0');
  }
  const share = width / (group?.of ?? 1);
  const left = (i: number) => x[i]! - width / 2 + share * (group?.index ?? 0);
  const reach = (sign: 1 | -1) =>
    rangeOf(Array.from(heights, (height, i) => height + sign * (error?.[i] ?? 0)));
  const range = rangeOf(x);

  return {
    kind: 'bars',
    label: options.label,
    extent: {
      x: range && [range[0] - width / 2, range[1] + width / 2],
      y: joinRanges([[0, 0], reach(1), reach(-1)]),
    },
    draw(frame) {
      const drawn = Array.from(heights, (height, i) => {
        // Half a pixel of white keeps neighbours apart.
        const x0 = frame.x(left(i)) + 0.5;
        const x1 = frame.x(left(i) + share) - 0.5;
        const y0 = Math.min(floor(frame), frame.y(height));
        const y1 = Math.max(floor(frame), frame.y(height));
        const rect = `M${coordinate(x0)} ${coordinate(y0)}H${coordinate(x1)}V${coordinate(y1)}H${coordinate(x0)}Z`;
        return { rect, hatch: hatched ? hatching(x0, y0, x1, y1) : '' };
      });
      const fill = `<path d="${drawn.map(({ rect }) => rect).join('')}" fill="${colour}" fill-opacity="${coordinate(opacity)}"/>`;
      const lines = hatched
        ? `<path d="${drawn.map(({ hatch }) => hatch).join('')}" ${hatchPaint}/>`
        : '';
      return fill + lines + (error === undefined ? '' : whiskers(frame, error));
    },
    drawOver(frame) {
      if (texts === undefined) return '';
      return texts
        .map((text, i) => {
          const top = Math.max(heights[i]! + (error?.[i] ?? 0), 0);
          const at = { x: frame.x(left(i) + share / 2), y: frame.y(top) - 8 };
          return drawText(text, at.x, at.y, { size: 16, anchor: 'middle', halo: true });
        })
        .join('');
    },
    key() {
      const rect = `<rect x="-13" y="-7" width="26" height="14" fill="${colour}" fill-opacity="${coordinate(opacity)}"/>`;
      return hatched ? `${rect}<path d="${hatching(-13, -7, 13, 7)}" ${hatchPaint}/>` : rect;
    },
  };

  function whiskers(frame: Frame, errors: ArrayLike<number>): string {
    const path = Array.from(heights, (height, i) => {
      const px = frame.x(left(i) + share / 2);
      const top = coordinate(frame.y(height + errors[i]!));
      const bottom = coordinate(frame.y(height - errors[i]!));
      const cap = Math.min(6, Math.abs(frame.x(left(i) + share) - frame.x(left(i))) / 3);
      const from = coordinate(px - cap);
      const to = coordinate(px + cap);
      return `M${coordinate(px)} ${bottom}V${top}M${from} ${top}H${to}M${from} ${bottom}H${to}`;
    }).join('');
    return `<path d="${path}" fill="none" stroke="#222" stroke-width="1.6"/>`;
  }
}

/** Where bars begin: at zero, or at the lower end of a log axis, which has no zero. */
function floor(frame: Frame): number {
  const zero = frame.y(0);
  return Number.isFinite(zero) ? zero : frame.height;
}

const hatchPaint = 'stroke="#fff" stroke-opacity="0.75" stroke-width="2"';

/** Strokes at 45° across a rectangle, 9 pixels apart. */
function hatching(x0: number, y0: number, x1: number, y1: number): string {
  let path = '';
  const height = y1 - y0;
  for (let offset = 4.5; offset < x1 - x0 + height; offset += 9) {
    // Along this stroke x − x0 + (y − y0) is the offset.
    const fromX = Math.min(offset, x1 - x0);
    const toX = Math.max(0, offset - height);
    path +=
      `M${coordinate(x0 + fromX)} ${coordinate(y0 + offset - fromX)}` +
      `L${coordinate(x0 + toX)} ${coordinate(y0 + offset - toX)}`;
  }
  return path;
}

export interface HistogramOptions
  extends Pick<BarsOptions, 'colour' | 'opacity' | 'hatched' | 'label'> {
  readonly bins?: number | undefined;
  /** The interval that the bins divide; the values' own range unless given. */
  readonly range?: Range | undefined;
  /** 'count', or 'density', whose bars have area 1 together with what lies outside the range. */
  readonly as?: 'count' | 'density' | undefined;
  /** Error bars of one standard error, √(n p (1 − p)) of a bin with the share p. */
  readonly errors?: boolean | undefined;
}

/**
 * A histogram of values.
 *
 * @throws TweedieError NOT_FINITE, INVALID_VALUE
 */
export function histogram(values: ArrayLike<number>, options: HistogramOptions = {}): Mark {
  const { bins = 30, as = 'count', errors = false, ...look } = options;
  const name = nameOfMark('histogram', options.label);
  checkFinite(name, 'value', values);
  if (!Number.isInteger(bins) || bins < 1) {
    throw refuseOption('INVALID_VALUE', `${name}: bins is ${bins}`, 'a whole number of at least 1');
  }
  const range = options.range ?? ownRange(values);
  checkRange(`${name}: range`, range);
  const width = (range[1] - range[0]) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < range[0] || value > range[1]) continue;
    counts[Math.min(bins - 1, Math.floor((value - range[0]) / width))]! += 1;
  }
  const total = Math.max(values.length, 1);
  const unit = as === 'count' ? 1 : 1 / (total * width);
  return {
    ...bars(
      counts.map((count) => count * unit),
      {
        ...look,
        x: counts.map((_, i) => range[0] + (i + 0.5) * width),
        width,
        ...(errors
          ? { error: counts.map((count) => Math.sqrt(count * (1 - count / total)) * unit) }
          : {}),
      },
    ),
    kind: 'histogram',
  };
}

function ownRange(values: ArrayLike<number>): Range {
  const [low, high] = rangeOf(values) ?? [0, 1];
  return low < high ? [low, high] : [low - 0.5, low + 0.5];
}
