import type { Axis } from './axes/scale.js';
import type { Mark } from './marks/mark.js';

/** Where a panel's legend stands: above the plot area, or inside one of its corners. */
export type LegendPlace = 'above' | 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right';

/** One pair of axes with marks in layers, the first at the bottom. */
export interface Panel {
  readonly title?: string | undefined;
  readonly x?: Axis | undefined;
  readonly y?: Axis | undefined;
  readonly marks: readonly Mark[];
  /** A unit of x is as long as one of y. */
  readonly equalAspect?: boolean | undefined;
  /** Width of the plot area over its height, where `equalAspect` does not decide; 1.4 unless given. */
  readonly ratio?: number | undefined;
  /** Draws no axes: for pictures. */
  readonly bare?: boolean | undefined;
  /** Faint lines across at the ticks of these axes. */
  readonly gridLines?: 'x' | 'y' | 'both' | undefined;
  /** Of marks that have a label; 'above' unless given, false for none. */
  readonly legend?: LegendPlace | false | undefined;
  /** What the colours of the first mark with values mean; no colour bar without it. */
  readonly colourBar?: { readonly label?: string | undefined } | undefined;
  /** A line of explanation below the panel. */
  readonly note?: string | undefined;
}

/** An arrow between two panels that stand beside one another: a step of a chain. */
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
  /** Rows of panels. Those of a row are equally high and share its width by their ratios. */
  readonly panels: readonly (readonly Panel[])[];
  /** The greatest height of the rows' plot areas in pixels, one for all or one each. */
  readonly rowHeight?: number | readonly number[] | undefined;
  /**
   * Rows with as many panels as one another share their margins, so that columns line up; true
   * unless given.
   */
  readonly alignColumns?: boolean | undefined;
  readonly links?: readonly Link[] | undefined;
}
