import { neutral } from '../colour/palette.js';
import { coordinate } from '../path-data.js';
import { checkFinite, nameOfMark } from '../problems.js';
import { drawText } from '../text/draw-text.js';
import { arrowPath } from './arrow-shape.js';
import type { Mark } from './mark.js';
import { type Stroke, strokePaint } from './stroke.js';

export interface RuleOptions extends Stroke {
  readonly label?: string | undefined;
}

/**
 * A line across the panel at a value of x.
 *
 * @throws TweedieError NOT_FINITE
 */
export function verticalRule(x: number, options: RuleOptions = {}): Mark {
  return rule('vertical rule', x, options);
}

/**
 * A line across the panel at a value of y.
 *
 * @throws TweedieError NOT_FINITE
 */
export function horizontalRule(y: number, options: RuleOptions = {}): Mark {
  return rule('horizontal rule', y, options);
}

function rule(
  kind: 'vertical rule' | 'horizontal rule',
  value: number,
  options: RuleOptions,
): Mark {
  checkFinite(nameOfMark(kind, options.label), 'its value', [value]);
  const paint = strokePaint({ dash: [6, 5], ...options }, neutral, 1.8);
  const isVertical = kind === 'vertical rule';
  return {
    kind,
    label: options.label,
    extent: isVertical ? { x: [value, value] } : { y: [value, value] },
    draw(frame) {
      const path = isVertical
        ? `M${coordinate(frame.x(value))} 0V${coordinate(frame.height)}`
        : `M0 ${coordinate(frame.y(value))}H${coordinate(frame.width)}`;
      return `<path d="${path}" ${paint}/>`;
    },
    key: () => `<path d="M-15 0H15" ${paint}/>`,
  };
}

export interface TextOptions {
  readonly size?: number | undefined;
  readonly colour?: string | undefined;
  readonly bold?: boolean | undefined;
  readonly anchor?: 'start' | 'middle' | 'end' | undefined;
  /** Pixels to the right and down from the point. */
  readonly offset?: readonly [number, number] | undefined;
}

/**
 * Text at a point, with a white outline so that it is legible over data; `_{…}` and `^{…}` make
 * subscripts and superscripts.
 *
 * @throws TweedieError NOT_FINITE
 */
export function text(
  at: readonly [x: number, y: number],
  words: string,
  options: TextOptions = {},
): Mark {
  checkFinite(`text '${words}'`, 'a coordinate', at);
  const { size = 17, anchor = 'middle', offset = [0, 0], colour, bold } = options;
  return {
    kind: 'text',
    extent: { x: [at[0], at[0]], y: [at[1], at[1]] },
    draw: () => '',
    drawOver: (frame) =>
      drawText(words, frame.x(at[0]) + offset[0], frame.y(at[1]) + offset[1] + 0.35 * size, {
        size,
        anchor,
        halo: true,
        ...(colour === undefined ? {} : { colour }),
        ...(bold === undefined ? {} : { bold }),
      }),
  };
}

/**
 * An arrow from one point to another.
 *
 * @throws TweedieError NOT_FINITE
 */
export function arrow(
  from: readonly [x: number, y: number],
  to: readonly [x: number, y: number],
  options: Pick<Stroke, 'colour' | 'width'> = {},
): Mark {
  const { colour = '#222', width = 2.5 } = options;
  checkFinite('arrow', 'a coordinate', [...from, ...to]);
  return {
    kind: 'arrow',
    extent: { x: sorted(from[0], to[0]), y: sorted(from[1], to[1]) },
    draw: () => '',
    drawOver: (frame) => {
      const path = arrowPath(
        frame.x(from[0]),
        frame.y(from[1]),
        frame.x(to[0]),
        frame.y(to[1]),
        width,
      );
      return `<path d="${path}" fill="${colour}"/>`;
    },
  };
}

function sorted(a: number, b: number): readonly [number, number] {
  return a <= b ? [a, b] : [b, a];
}
