import { drawAxes, drawColourBar, drawGridLines, drawNote } from './axes/draw-axes.js';
import { rgbOf } from './colour/value-colours.js';
import type { Figure, Link } from './figure.js';
import { drawLegend } from './layout/draw-legend.js';
import { type FigureLayout, layOutFigure, type PlacedPanel } from './layout/figure-layout.js';
import { sizes } from './layout/sizes.js';
import { arrowPath } from './marks/arrow-shape.js';
import type { ColourScale, Frame } from './marks/mark.js';
import { coordinate } from './path-data.js';
import { drawRaster, type Raster } from './raster.js';
import {
  drawLines,
  drawText,
  escapeXml,
  fontFamily,
  lineHeight,
  softInk,
} from './text/draw-text.js';

/**
 * Draws a figure as an SVG document on white. It is the same to the last byte for the same figure,
 * holds no scripts, styles sheets or ids, and so can stand in a page beside others.
 *
 * @throws TweedieError INVALID_VALUE (an empty domain, a log axis at or below 0, a link between
 * panels that are not there), UNKNOWN_NAME
 */
export function renderSvg(figure: Figure): string {
  const layout = layOutFigure(figure);
  const { width, height } = layout;
  const panels = layout.rows.flat().map(drawPanel).join('\n');
  const links = (figure.links ?? []).map((link) => drawLink(link, layout)).join('');
  const description = figure.caption ?? figure.subtitle;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="'${fontFamily}', Verdana, sans-serif">`,
    figure.title === undefined ? '' : `<title>${escapeXml(figure.title)}</title>`,
    description === undefined ? '' : `<desc>${escapeXml(description)}</desc>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    drawHead(layout),
    panels,
    links,
    drawCaption(layout),
    '</svg>\n',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function drawHead({ titleLines, subtitleLines }: FigureLayout): string {
  const titleTop = sizes.edge + 0.9 * sizes.title;
  const subtitleTop =
    sizes.edge + titleLines.length * lineHeight(sizes.title) + 0.9 * sizes.subtitle;
  return (
    drawLines(titleLines, sizes.edge, titleTop, { size: sizes.title, bold: true }) +
    drawLines(subtitleLines, sizes.edge, subtitleTop, { size: sizes.subtitle, colour: softInk })
  );
}

function drawCaption({ captionLines, height }: FigureLayout): string {
  const row = lineHeight(sizes.caption);
  const first = height - sizes.edge - captionLines.length * row + 0.9 * sizes.caption;
  return drawLines(captionLines, sizes.edge, first, { size: sizes.caption, colour: softInk });
}

function drawPanel(placed: PlacedPanel): string {
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
    drawColourBar(placed, (box) => drawRaster(rampRaster(placed.colourBar!.colours), box)),
    over === ''
      ? ''
      : `<g transform="translate(${coordinate(left)} ${coordinate(top)})">${over}</g>`,
    drawLegend(placed),
    drawNote(placed),
  ].join('');
}

/** The colours of a scale from its highest value down, evenly along its axis. */
function rampRaster(colours: ColourScale): Raster {
  const count = 128;
  const [low, high] = colours.domain;
  const data = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    const share = 1 - (i + 0.5) / count;
    const value = colours.kind === 'log' ? low * (high / low) ** share : low + share * (high - low);
    data.set(rgbOf(colours, value), 3 * i);
  }
  return { data, width: 1, height: count, channels: 3 };
}

function drawLink(link: Link, { rows }: FigureLayout): string {
  const from = rows[link.from[0]]![link.from[1]]!;
  const to = rows[link.to[0]]![link.to[1]]!;
  const forward = link.to[1] > link.from[1];
  const [first, second] = forward ? [from, to] : [to, from];
  const left = first.left + first.width + 8;
  const right = second.left - second.margin.left - 8;
  const y = from.top + (link.at ?? 0.5) * from.height;
  const colour = link.colour ?? '#222';
  const [tail, head] = forward ? [left, right] : [right, left];
  const arrow =
    link.dash === undefined
      ? `<path d="${arrowPath(tail, y, head, y, 2.6, 12)}" fill="${colour}"/>`
      : `<path d="M${coordinate(tail)} ${coordinate(y)}H${coordinate(head + (forward ? -9 : 9))}" stroke="${colour}" stroke-width="2.6" stroke-dasharray="${link.dash.map(coordinate).join(' ')}"/>` +
        `<path d="${arrowPath(head + (forward ? -12 : 12), y, head, y, 2.6, 12)}" fill="${colour}"/>`;
  if (link.label === undefined) return arrow;
  const look = { size: sizes.link, anchor: 'middle' as const, colour };
  return arrow + drawText(link.label, (left + right) / 2, y - 10, look);
}
