import { createScale } from '../axes/scale.js';
import type { Figure, Panel } from '../figure.js';
import { checkRange, refuseOption } from '../problems.js';
import { lineHeight } from '../text/draw-text.js';
import { textWidth, wrapText } from '../text/measure.js';
import { type LegendLayout, layOutLegend } from './legend-layout.js';
import { coveredBy, layOutPanel, type PanelLayout, panelName } from './panel-layout.js';
import { sizes } from './sizes.js';

/** A panel with its plot area in the figure. */
export interface PlacedPanel extends PanelLayout {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly titleLines: readonly string[];
  readonly legend: LegendLayout | undefined;
}

export interface FigureLayout {
  readonly width: number;
  readonly height: number;
  readonly titleLines: readonly string[];
  readonly subtitleLines: readonly string[];
  readonly captionLines: readonly string[];
  readonly rows: readonly (readonly PlacedPanel[])[];
}

/**
 * Places every panel. The plot areas of a row have one height, and widths by their ratios, so that the
 * row fills the figure.
 *
 * @throws TweedieError INVALID_VALUE, UNKNOWN_NAME
 */
export function layOutFigure(figure: Figure): FigureLayout {
  const width = figure.width ?? 1200;
  if (!Number.isFinite(width) || width < 200) {
    throw refuseOption('INVALID_VALUE', `the figure's width is ${width}`, 'at least 200 pixels');
  }
  if (figure.panels.length === 0 || figure.panels.some((row) => row.length === 0)) {
    throw refuseOption(
      'INVALID_VALUE',
      'the figure has no panels, or a row without any',
      'rows of one panel or more',
    );
  }
  checkLinks(figure);
  const inner = width - 2 * sizes.edge;
  const text = {
    titleLines: figure.title === undefined ? [] : wrapText(figure.title, sizes.title, inner, true),
    subtitleLines:
      figure.subtitle === undefined ? [] : wrapText(figure.subtitle, sizes.subtitle, inner),
    captionLines:
      figure.caption === undefined ? [] : wrapText(figure.caption, sizes.caption, inner),
  };
  let top =
    sizes.edge +
    text.titleLines.length * lineHeight(sizes.title) +
    text.subtitleLines.length * lineHeight(sizes.subtitle) +
    (text.titleLines.length + text.subtitleLines.length > 0 ? 12 : 0);

  const measured = measureRows(figure, inner);
  const rows: PlacedPanel[][] = [];
  measured.forEach((row, index) => {
    const placed = placeRow(row, width, top);
    rows.push(placed);
    top = Math.max(...placed.map((panel) => panel.top + panel.height + panel.margin.bottom));
    if (index < measured.length - 1) top += sizes.rowGap;
  });
  const captionHeight =
    text.captionLines.length === 0 ? 0 : 18 + text.captionLines.length * lineHeight(sizes.caption);
  return { width, height: Math.ceil(top + captionHeight + sizes.edge), ...text, rows };
}

interface MeasuredRow {
  readonly panels: readonly PanelLayout[];
  readonly widths: readonly number[];
  readonly height: number;
  readonly lefts: readonly number[];
  readonly rights: readonly number[];
  readonly gaps: readonly number[];
}

/**
 * Margins depend on the ticks, ticks on the sizes of the plot areas, and sizes on the margins: four
 * iterations from a guess converge to well below a pixel.
 */
function measureRows(figure: Figure, inner: number): MeasuredRow[] {
  const ratios = figure.panels.map((row, r) =>
    row.map((panel, c) => ratioOf(panel, panelName(panel, r, c))),
  );
  const aligned =
    (figure.alignColumns ?? true) &&
    figure.panels.every((row) => row.length === figure.panels[0]!.length);
  let rows = figure.panels.map((row, r): MeasuredRow => {
    const zeros = row.map(() => 0);
    const guess = row.map(() => 60);
    return fitRow(
      [],
      ratios[r]!,
      guess,
      zeros,
      gapsOf(figure, r, row.length),
      inner,
      heightLimit(figure, r),
    );
  });
  for (let round = 0; round < 4; round++) {
    const laidOut = figure.panels.map((row, r) =>
      row.map((panel, c) =>
        layOutPanel(panel, panelName(panel, r, c), rows[r]!.widths[c]!, rows[r]!.height),
      ),
    );
    const sharedMargin = (c: number, r: number, side: 'left' | 'right') =>
      aligned
        ? Math.max(...laidOut.map((row) => row[c]!.margin[side]))
        : laidOut[r]![c]!.margin[side];
    rows = laidOut.map((row, r) =>
      fitRow(
        row,
        ratios[r]!,
        row.map((_, c) => sharedMargin(c, r, 'left')),
        row.map((_, c) => sharedMargin(c, r, 'right')),
        gapsOf(figure, r, row.length),
        inner,
        heightLimit(figure, r),
      ),
    );
  }
  // The last sizes, with the ticks that belong to them.
  return rows.map((row, r) => ({
    ...row,
    panels: figure.panels[r]!.map((panel, c) =>
      layOutPanel(panel, panelName(panel, r, c), row.widths[c]!, row.height),
    ),
  }));
}

function fitRow(
  panels: readonly PanelLayout[],
  ratios: readonly number[],
  lefts: readonly number[],
  rights: readonly number[],
  gaps: readonly number[],
  inner: number,
  limit: number,
): MeasuredRow {
  const room = inner - sum(lefts) - sum(rights) - sum(gaps);
  const height = Math.floor(Math.min(limit, Math.max(40, room / sum(ratios))));
  return { panels, widths: ratios.map((ratio) => height * ratio), height, lefts, rights, gaps };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function heightLimit({ rowHeight }: Figure, row: number): number {
  const limit = typeof rowHeight === 'number' ? rowHeight : rowHeight?.[row];
  return limit ?? Number.POSITIVE_INFINITY;
}

/** Width over height of a panel's plot area. */
function ratioOf(panel: Panel, name: string): number {
  if (!panel.equalAspect) {
    const ratio = panel.ratio ?? 1.4;
    if (ratio > 0 && Number.isFinite(ratio)) return ratio;
    throw refuseOption('INVALID_VALUE', `${name}: ratio is ${ratio}`, 'a number above 0');
  }
  const [x, y] = (['x', 'y'] as const).map((axis) => {
    const options = panel[axis] ?? {};
    if (options.scale === 'log') {
      throw refuseOption(
        'INVALID_VALUE',
        `${name} has equal aspect and a logarithmic ${axis} axis`,
        'linear axes',
      );
    }
    const where = `${name}, ${axis} axis`;
    const { domain } = createScale(where, options, coveredBy(panel.marks, axis), [0, 1]);
    return Math.abs(domain[1] - domain[0]);
  }) as [number, number];
  return x / y;
}

/** Distances between neighbours, wider where an arrow and its label run. */
function gapsOf({ links = [] }: Figure, row: number, count: number): number[] {
  return Array.from({ length: count - 1 }, (_, column) => {
    const here = links.filter(
      ({ from, to }) => from[0] === row && Math.min(from[1], to[1]) === column,
    );
    const labels = here.map(({ label }) =>
      label === undefined ? 0 : textWidth(label, sizes.link),
    );
    return here.length === 0 ? sizes.gap : Math.max(52, ...labels.map((label) => label + 24));
  });
}

function checkLinks({ links = [], panels }: Figure): void {
  for (const { from, to, at } of links) {
    const exists = [from, to].every(([row, column]) => panels[row]?.[column] !== undefined);
    const beside = from[0] === to[0] && Math.abs(from[1] - to[1]) === 1;
    if (!exists || !beside) {
      throw refuseOption(
        'INVALID_VALUE',
        `a link runs from panel [${from.join(', ')}] to panel [${to.join(', ')}]`,
        'two neighbouring panels of a row, as [row, column] from 0',
      );
    }
    if (at !== undefined) checkRange('a link: [0, at]', [-1e-9, at]);
  }
}

function placeRow(row: MeasuredRow, figureWidth: number, top: number): PlacedPanel[] {
  const total = sum(row.widths) + sum(row.lefts) + sum(row.rights) + sum(row.gaps);
  let cursor = (figureWidth - total) / 2;
  const heads = row.panels.map(({ panel }, c) => {
    const width = row.widths[c]!;
    const titleLines =
      panel.title === undefined
        ? []
        : wrapText(panel.title, sizes.panelTitle, width + row.rights[c]!, true);
    const legend = layOutLegend(panel, width);
    const legendHeight = legend !== undefined && legend.place === 'above' ? legend.height + 6 : 0;
    return { titleLines, legend, legendHeight };
  });
  const titleHeight = Math.max(
    ...heads.map(({ titleLines }) => titleLines.length * lineHeight(sizes.panelTitle)),
  );
  const legendHeight = Math.max(...heads.map((head) => head.legendHeight));
  const headHeight = titleHeight + legendHeight + (titleHeight + legendHeight > 0 ? 10 : 0);
  return row.panels.map((panel, c) => {
    const left = cursor + row.lefts[c]!;
    cursor = left + row.widths[c]! + row.rights[c]! + (row.gaps[c] ?? 0);
    return {
      ...panel,
      left,
      top: top + headHeight,
      width: row.widths[c]!,
      height: row.height,
      titleLines: heads[c]!.titleLines,
      legend: heads[c]!.legend,
    };
  });
}
