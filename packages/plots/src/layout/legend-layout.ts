import type { LegendPlace, Panel } from '../figure.js';
import type { Mark } from '../marks/mark.js';
import { lineHeight } from '../text/draw-text.js';
import { textWidth } from '../text/measure.js';
import { sizes } from './sizes.js';

/** A legend's entries with their positions from its upper left corner. */
export interface LegendLayout {
  readonly place: LegendPlace;
  readonly entries: readonly { readonly mark: Mark; readonly x: number; readonly y: number }[];
  readonly width: number;
  readonly height: number;
}

/** Above the plot area, entries are set in lines as wide as it; inside it, one below the other. */
export function layOutLegend({ marks, legend }: Panel, width: number): LegendLayout | undefined {
  const listed = marks.filter((mark) => mark.label !== undefined && mark.key !== undefined);
  if (legend === false || listed.length === 0) return undefined;
  const place = legend ?? 'above';
  const row = lineHeight(sizes.legend) + 2;
  const extent = (mark: Mark) => sizes.legendKey + 8 + textWidth(mark.label ?? '', sizes.legend);
  if (place !== 'above') {
    return {
      place,
      entries: listed.map((mark, i) => ({ mark, x: 0, y: i * row })),
      width: Math.max(...listed.map(extent)),
      height: listed.length * row,
    };
  }
  let x = 0;
  let y = 0;
  const entries = listed.map((mark) => {
    if (x > 0 && x + extent(mark) > width + 12) {
      x = 0;
      y += row;
    }
    const entry = { mark, x, y };
    x += extent(mark) + sizes.legendGap;
    return entry;
  });
  return { place, entries, width, height: y + row };
}
