import { drawLink } from './drawing/link.js';
import { drawPanel } from './drawing/panel.js';
import type { Figure } from './figure.js';
import { type FigureLayout, layOutFigure } from './layout/figure-layout.js';
import { sizes } from './layout/sizes.js';
import { drawLines, escapeXml, fontFamily, lineHeight, softInk } from './text/draw-text.js';

/**
 * Draws a figure as an SVG document on white. The same figure gives the same bytes. The document has no
 * scripts, style sheets or ids, so several can be in one page.
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
