import { coordinate } from '../path-data.js';

/** How a line looks. */
export interface Stroke {
  readonly colour?: string | undefined;
  /** Pixels. */
  readonly width?: number | undefined;
  /** Dash and gap in pixels, as `category` gives them. */
  readonly dash?: readonly number[] | undefined;
  /** 0 … 1 */
  readonly opacity?: number | undefined;
}

/** Attributes of a stroked, unfilled path. */
export function strokePaint(stroke: Stroke, colour: string, width: number): string {
  const attributes = [
    'fill="none"',
    `stroke="${stroke.colour ?? colour}"`,
    `stroke-width="${coordinate(stroke.width ?? width)}"`,
    'stroke-linejoin="round"',
  ];
  if (stroke.dash !== undefined && stroke.dash.length > 0) {
    attributes.push(`stroke-dasharray="${stroke.dash.map(coordinate).join(' ')}"`);
  } else {
    attributes.push('stroke-linecap="round"');
  }
  if (stroke.opacity !== undefined && stroke.opacity !== 1) {
    attributes.push(`stroke-opacity="${coordinate(stroke.opacity)}"`);
  }
  return attributes.join(' ');
}
