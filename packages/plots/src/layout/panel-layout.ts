import { type Axis, createScale, type Scale, type Tick } from '../axes/scale.js';
import type { ColourScale } from '../colour/value-colours.js';
import type { Panel } from '../figure.js';
import type { Mark } from '../marks/mark.js';
import { nameOfMark, refuseOption } from '../problems.js';
import { joinRanges, type Range } from '../range.js';
import { lineHeight } from '../text/draw-text.js';
import { textWidth, wrapText } from '../text/measure.js';
import { sizes } from './sizes.js';

/** What a panel needs around its plot area, in pixels, at a given size of that area. */
export interface PanelLayout {
  readonly panel: Panel;
  readonly name: string;
  readonly x: Scale;
  readonly y: Scale;
  readonly xTicks: readonly PlacedTick[];
  readonly yTicks: readonly Tick[];
  readonly colourBar: ColourBarLayout | undefined;
  readonly margin: { readonly left: number; readonly right: number; readonly bottom: number };
}

/** A tick whose text may be broken into lines. */
export interface PlacedTick {
  readonly at: number;
  readonly lines: readonly string[];
  /** Font size; reduced where a single word is wider than its room. */
  readonly size: number;
}

interface ColourBarLayout {
  readonly colours: ColourScale;
  readonly scale: Scale;
  readonly ticks: readonly Tick[];
  readonly label: string | undefined;
  readonly width: number;
}

/** How a panel is named in messages. */
export function panelName(panel: Panel, row: number, column: number): string {
  return panel.title === undefined
    ? `panel ${column} of row ${row}`
    : `panel '${panel.title.replace(/\n/g, ' ')}'`;
}

/** @throws TweedieError INVALID_VALUE, UNKNOWN_NAME: see `createScale` */
export function layOutPanel(
  panel: Panel,
  name: string,
  width: number,
  height: number,
): PanelLayout {
  const x = scaleOf(panel, name, 'x', [0, width]);
  const y = scaleOf(panel, name, 'y', [height, 0]);
  const bare = panel.bare ?? false;
  const xTicks = bare ? [] : fittingTicks(x, width);
  const yTicks = bare ? [] : y.ticks(verticalTicks(height));
  const colourBar = layOutColourBar(panel, name, height);
  return {
    panel,
    name,
    x,
    y,
    xTicks,
    yTicks,
    colourBar,
    margin: {
      left: leftMargin(panel, yTicks, bare),
      right: Math.max(bare ? 0 : overhang(xTicks, x, width), colourBar?.width ?? 0),
      bottom: bottomMargin(panel, xTicks, bare, width),
    },
  };
}

function scaleOf(
  panel: Panel,
  name: string,
  axis: 'x' | 'y',
  pixels: readonly [number, number],
): Scale {
  const options: Axis = panel[axis] ?? {};
  if (options.scale === 'log') checkLogMarks(panel.marks, name, axis);
  return createScale(`${name}, ${axis} axis`, options, coveredBy(panel.marks, axis), pixels);
}

/** What the marks of a panel cover along an axis. */
export function coveredBy(marks: readonly Mark[], axis: 'x' | 'y'): Range | undefined {
  return joinRanges(marks.map((mark) => mark.extent[axis]));
}

function checkLogMarks(marks: readonly Mark[], name: string, axis: 'x' | 'y'): void {
  for (const { kind, label, extent } of marks) {
    const low = extent[axis]?.[0];
    // Bars begin at zero; on a log axis they are drawn from the edge of the plot area.
    if (low === undefined || low > 0 || (low === 0 && (kind === 'bars' || kind === 'histogram'))) {
      continue;
    }
    throw refuseOption(
      'INVALID_VALUE',
      `${name}: ${nameOfMark(kind, label)} reaches ${low} on a logarithmic ${axis} axis`,
      'values above 0',
      'leave such values out, or use a linear scale',
    );
  }
}

function verticalTicks(height: number): number {
  return Math.min(7, Math.max(2, Math.round(height / 48)));
}

/** As many ticks as their texts leave room for; texts of a categorical axis are broken instead. */
function fittingTicks(scale: Scale, width: number): PlacedTick[] {
  for (let count = Math.min(9, Math.max(2, Math.round(width / 60))); ; count--) {
    const ticks = scale.ticks(count);
    if (count <= 1 || fits(ticks, scale)) return brokenTicks(ticks, width);
  }
}

function fits(ticks: readonly Tick[], scale: Scale): boolean {
  const spans = ticks
    .map(({ at, text }) => ({ at: scale.pixels(at), half: textWidth(text, sizes.tick) / 2 }))
    .sort((a, b) => a.at - b.at);
  return spans.every((span, i) => {
    const next = spans[i + 1];
    return next === undefined || next.at - next.half - (span.at + span.half) >= 10;
  });
}

function brokenTicks(ticks: readonly Tick[], width: number): PlacedTick[] {
  const room = Math.max(24, width / Math.max(1, ticks.length) - 8);
  const broken = ticks.map(({ at, text }) => ({
    at,
    lines: text === '' ? [] : wrapText(text, sizes.tick, room),
  }));
  const widths = broken.flatMap(({ lines }) => lines.map((line) => textWidth(line, sizes.tick)));
  const widest = Math.max(0, ...widths);
  const size = widest <= room ? sizes.tick : Math.max(11, (sizes.tick * room) / widest);
  return broken.map((tick) => ({ ...tick, size }));
}

function leftMargin(panel: Panel, ticks: readonly Tick[], bare: boolean): number {
  if (bare) return 0;
  const widest = Math.max(0, ...ticks.map(({ text }) => textWidth(text, sizes.tick)));
  const room = widest === 0 ? 0 : widest + sizes.tickPad + sizes.tickLength;
  return room + (panel.y?.label === undefined ? 0 : lineHeight(sizes.axisLabel) + sizes.labelPad);
}

/** How far the last text of the x axis stands out to the right. */
function overhang(ticks: readonly PlacedTick[], scale: Scale, width: number): number {
  return Math.max(
    0,
    ...ticks.map(({ at, lines, size }) => {
      const half = Math.max(0, ...lines.map((line) => textWidth(line, size))) / 2;
      return scale.pixels(at) + half - width;
    }),
  );
}

function bottomMargin(
  panel: Panel,
  ticks: readonly PlacedTick[],
  bare: boolean,
  width: number,
): number {
  return (
    ticksHeight(ticks, bare) +
    (bare ? 0 : labelHeight(panel, width)) +
    (panel.note === undefined
      ? 0
      : 8 + noteLines(panel.note, width).length * lineHeight(sizes.note))
  );
}

/** Height of the x axis' ticks with their texts. */
export function ticksHeight(ticks: readonly PlacedTick[], bare: boolean): number {
  const lines = Math.max(0, ...ticks.map((tick) => tick.lines.length));
  if (bare || lines === 0) return 0;
  return sizes.tickLength + sizes.tickPad + lines * lineHeight(sizes.tick);
}

/** Height of the x axis' label. */
export function labelHeight(panel: Panel, width: number): number {
  const label = panel.x?.label;
  if (label === undefined) return 0;
  return sizes.labelPad + axisLabelLines(label, width).length * lineHeight(sizes.axisLabel);
}

export function axisLabelLines(label: string, room: number): string[] {
  return wrapText(label, sizes.axisLabel, room + 20);
}

export function noteLines(note: string, width: number): string[] {
  return wrapText(note, sizes.note, width);
}

function layOutColourBar(
  { marks, colourBar }: Panel,
  name: string,
  height: number,
): ColourBarLayout | undefined {
  const colours = marks.find((mark) => mark.colours !== undefined)?.colours;
  if (colourBar === undefined) return undefined;
  if (colours === undefined) {
    throw refuseOption(
      'INVALID_VALUE',
      `${name} has a colour bar and no mark that is coloured by value`,
      'a colour bar beside points with values, arrows by magnitude, contours or a heatmap',
    );
  }
  const scale = createScale(
    `${name}, colour bar`,
    { domain: colours.domain, scale: colours.kind },
    undefined,
    [height, 0],
  );
  const ticks = scale.ticks(verticalTicks(height));
  const widest = Math.max(0, ...ticks.map(({ text }) => textWidth(text, sizes.tick)));
  const { label } = colourBar;
  return {
    colours,
    scale,
    ticks,
    label,
    width:
      sizes.colourBarPad +
      sizes.colourBar +
      sizes.tickLength +
      4 +
      widest +
      (label === undefined ? 0 : sizes.labelPad + lineHeight(sizes.axisLabel)),
  };
}
