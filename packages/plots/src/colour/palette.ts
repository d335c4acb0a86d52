/** Marker shapes, which distinguish series where colour does not suffice. */
export type MarkerShape = 'circle' | 'square' | 'triangle' | 'diamond' | 'cross' | 'plus';

/** The look of a series: a colour, a marker and a dash pattern. */
export interface Category {
  readonly colour: string;
  readonly shape: MarkerShape;
  /** Dash and gap in pixels; absent for a full line. */
  readonly dash?: readonly number[];
}

/**
 * Okabe and Ito's colours (2008), which are distinguishable with any kind of colour vision. Those with
 * most contrast to white come first; yellow, too pale for lines, is left out.
 */
export const palette = {
  blue: '#0072B2',
  vermillion: '#D55E00',
  green: '#009E73',
  purple: '#CC79A7',
  orange: '#E69F00',
  sky: '#56B4E9',
  black: '#000000',
} as const;

/** For marks in the background: data behind a result, axes, guides. */
export const neutral = '#7A7A7A';

const categories: readonly Category[] = [
  { colour: palette.blue, shape: 'circle' },
  { colour: palette.vermillion, shape: 'square', dash: [9, 5] },
  { colour: palette.green, shape: 'triangle', dash: [2, 5] },
  { colour: palette.purple, shape: 'diamond', dash: [12, 4, 2, 4] },
  { colour: palette.orange, shape: 'cross', dash: [5, 3] },
  { colour: palette.sky, shape: 'plus', dash: [14, 5] },
  { colour: palette.black, shape: 'circle', dash: [1, 3] },
];

/** The look of the i-th of several things, by colour, marker and dash; it repeats after 7. */
export function category(index: number): Category {
  const { length } = categories;
  return categories[((Math.trunc(index) % length) + length) % length]!;
}
