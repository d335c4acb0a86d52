import type { Axis } from './axes/scale.js';
import type { Mark } from './marks/mark.js';

/** Position of a panel's legend: above the plot area, or in one of its corners. */
export type LegendPlace = 'above' | 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right';

/** One pair of axes with marks in layers, the first behind the others. */
export interface Panel {
  readonly title?: string | undefined;
  readonly x?: Axis | undefined;
  readonly y?: Axis | undefined;
  readonly marks: readonly Mark[];
  /** A unit of x is as long as one of y. */
  readonly equalAspect?: boolean | undefined;
  /** Width over height of the plot area, without `equalAspect`; 1.4 unless given. */
  readonly ratio?: number | undefined;
  /** Draws no axes: for images. */
  readonly bare?: boolean | undefined;
  /** Faint lines across at the ticks of these axes. */
  readonly gridLines?: 'x' | 'y' | 'both' | undefined;
  /** Position of the legend, which lists the marks with a label; 'above' unless given, false for none. */
  readonly legend?: LegendPlace | false | undefined;
  /** A colour bar of the first mark that is coloured by value; none unless given. */
  readonly colourBar?: { readonly label?: string | undefined } | undefined;
  /** A line of explanation below the panel. */
  readonly note?: string | undefined;
}

/** An arrow between two neighbouring panels of a row: a step of a chain. */
export interface Link {
  readonly from: readonly [row: number, column: number];
  readonly to: readonly [row: number, column: number];
  /** Above the arrow. */
  readonly label?: string | undefined;
  /** Height at which it runs, as a share of the plot area from the top; 0.5 unless given. */
  readonly at?: number | undefined;
  readonly dash?: readonly number[] | undefined;
  readonly colour?: string | undefined;
}

export interface Figure {
  readonly title?: string | undefined;
  readonly subtitle?: string | undefined;
  readonly caption?: string | undefined;
  /** Pixels; 1200 unless given. The height follows from the panels. */
  readonly width?: number | undefined;
  /** Rows of panels. Those of a row have one height and share its width by their ratios. */
  readonly panels: readonly (readonly Panel[])[];
  /** The greatest height of the rows' plot areas in pixels, one for all or one each. */
  readonly rowHeight?: number | readonly number[] | undefined;
  /**
   * If all rows have the same number of panels, they share their margins, so that columns line up;
   * true unless given.
   */
  readonly alignColumns?: boolean | undefined;
  readonly links?: readonly Link[] | undefined;
}
