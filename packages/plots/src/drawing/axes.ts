import type { PlacedPanel } from '../layout/figure-layout.js';
import { axisLabelLines, ticksHeight } from '../layout/panel-layout.js';
import { sizes } from '../layout/sizes.js';
import { coordinate } from '../path-data.js';
import { drawLines, drawText } from '../text/draw-text.js';
import { textWidth } from '../text/measure.js';
import { axisStroke, drawUprightLabel } from './upright-label.js';

/** Faint lines at the ticks, below the marks. */
export function drawGridLines({ panel, left, top, width, height, ...layout }: PlacedPanel): string {
  const { gridLines } = panel;
  if (gridLines === undefined || panel.bare) return '';
  let path = '';
  if (gridLines !== 'y') {
    for (const { at } of layout.xTicks) {
      path += `M${coordinate(left + layout.x.pixels(at))} ${coordinate(top)}v${coordinate(height)}`;
    }
  }
  if (gridLines !== 'x') {
    for (const { at } of layout.yTicks) {
      path += `M${coordinate(left)} ${coordinate(top + layout.y.pixels(at))}h${coordinate(width)}`;
    }
  }
  return `<path d="${path}" fill="none" stroke="#e3e3e3" stroke-width="1.2"/>`;
}

/** Frame, ticks with their texts, and labels. */
export function drawAxes(placed: PlacedPanel): string {
  const { panel, left, top, width, height } = placed;
  if (panel.bare) return '';
  const bottom = top + height;
  let marks =
    `M${coordinate(left)} ${coordinate(top)}h${coordinate(width)}` +
    `v${coordinate(height)}h${coordinate(-width)}Z`;
  let texts = '';
  for (const { at, lines, size } of placed.xTicks) {
    const x = left + placed.x.pixels(at);
    // The names of categories are centred below them and need no ticks.
    if (panel.x?.categories === undefined) {
      marks += `M${coordinate(x)} ${coordinate(bottom)}v${sizes.tickLength}`;
    }
    const y = bottom + sizes.tickLength + sizes.tickPad + 0.78 * sizes.tick;
    texts += drawLines(lines, x, y, { size, anchor: 'middle' });
  }
  for (const { at, text } of placed.yTicks) {
    const y = top + placed.y.pixels(at);
    marks += `M${coordinate(left)} ${coordinate(y)}h${-sizes.tickLength}`;
    if (text === '') continue;
    const x = left - sizes.tickLength - sizes.tickPad;
    texts += drawText(text, x, y + 0.36 * sizes.tick, { size: sizes.tick, anchor: 'end' });
  }
  for (const at of placed.x.minorTicks) {
    marks += `M${coordinate(left + placed.x.pixels(at))} ${coordinate(bottom)}v3`;
  }
  for (const at of placed.y.minorTicks) {
    marks += `M${coordinate(left)} ${coordinate(top + placed.y.pixels(at))}h-3`;
  }
  return `<path d="${marks}" ${axisStroke}/>${texts}${drawLabels(placed)}`;
}

function drawLabels(placed: PlacedPanel): string {
  const { panel, left, top, width, height } = placed;
  let drawn = '';
  if (panel.x?.label !== undefined) {
    const y = top + height + ticksHeight(placed.xTicks, false) + sizes.labelPad;
    const lines = axisLabelLines(panel.x.label, width);
    drawn += drawLines(lines, left + width / 2, y + 0.85 * sizes.axisLabel, {
      size: sizes.axisLabel,
      anchor: 'middle',
    });
  }
  if (panel.y?.label !== undefined) {
    const widest = Math.max(0, ...placed.yTicks.map(({ text }) => textWidth(text, sizes.tick)));
    const ticks = widest === 0 ? 0 : widest + sizes.tickLength + sizes.tickPad;
    const x = left - ticks - sizes.labelPad - 0.3 * sizes.axisLabel;
    drawn += drawUprightLabel(panel.y.label, x, top + height / 2, height);
  }
  return drawn;
}
