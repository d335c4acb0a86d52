import type { PlacedPanel } from '../layout/figure-layout.js';
import { labelHeight, noteLines, ticksHeight } from '../layout/panel-layout.js';
import { sizes } from '../layout/sizes.js';
import type { Frame } from '../marks/mark.js';
import { coordinate } from '../path-data.js';
import { drawLines, ink, lineHeight } from '../text/draw-text.js';
import { drawAxes, drawGridLines } from './axes.js';
import { drawColourBar } from './colour-bar.js';
import { drawLegend } from './legend.js';

/** A panel with its marks, axes, legend, colour bar and note. */
export function drawPanel(placed: PlacedPanel): string {
  const { panel, left, top, width, height } = placed;
  const frame: Frame = { width, height, x: placed.x.pixels, y: placed.y.pixels };
  const marks = panel.marks.map((mark) => mark.draw(frame)).join('');
  const over = panel.marks.map((mark) => mark.drawOver?.(frame) ?? '').join('');
  const titleTop =
    top -
    10 -
    (placed.legend?.place === 'above' ? placed.legend.height + 6 : 0) -
    placed.titleLines.length * lineHeight(sizes.panelTitle);
  return [
    drawLines(placed.titleLines, left, titleTop + 0.9 * sizes.panelTitle, {
      size: sizes.panelTitle,
      bold: true,
    }),
    drawGridLines(placed),
    // A nested svg clips without an id.
    `<svg x="${coordinate(left)}" y="${coordinate(top)}" width="${coordinate(width)}" height="${coordinate(height)}" overflow="hidden">${marks}</svg>`,
    drawAxes(placed),
    drawColourBar(placed),
    over === ''
      ? ''
      : `<g transform="translate(${coordinate(left)} ${coordinate(top)})">${over}</g>`,
    drawLegend(placed),
    drawNote(placed),
  ].join('');
}

/** The note below a panel. */
function drawNote(placed: PlacedPanel): string {
  const { panel, left, top, width, height } = placed;
  if (panel.note === undefined) return '';
  const bare = panel.bare ?? false;
  const above = ticksHeight(placed.xTicks, bare) + (bare ? 0 : labelHeight(panel, width));
  const y = top + height + above + 8 + 0.8 * sizes.note;
  const lines = noteLines(panel.note, width);
  return drawLines(lines, left + width / 2, y, {
    size: sizes.note,
    anchor: 'middle',
    colour: ink,
  });
}
