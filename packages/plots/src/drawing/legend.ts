import type { PlacedPanel } from '../layout/figure-layout.js';
import type { LegendLayout } from '../layout/legend-layout.js';
import { sizes } from '../layout/sizes.js';
import { coordinate } from '../path-data.js';
import { drawText } from '../text/draw-text.js';

const inset = 10;

export function drawLegend(panel: PlacedPanel): string {
  const { legend } = panel;
  if (legend === undefined) return '';
  const { x, y } = originOf(panel, legend);
  const middle = sizes.legend * 0.72;
  const entries = legend.entries.map((entry) => {
    const keyX = x + entry.x + sizes.legendKey / 2;
    const keyY = y + entry.y + middle;
    const key = `<g transform="translate(${coordinate(keyX)} ${coordinate(keyY)})">${entry.mark.key?.() ?? ''}</g>`;
    const words = drawText(
      entry.mark.label ?? '',
      x + entry.x + sizes.legendKey + 8,
      keyY + 0.35 * sizes.legend,
      { size: sizes.legend },
    );
    return key + words;
  });
  const plate =
    legend.place === 'above'
      ? ''
      : `<rect x="${coordinate(x - 6)}" y="${coordinate(y - 5)}" ` +
        `width="${coordinate(legend.width + 14)}" height="${coordinate(legend.height + 6)}" ` +
        'rx="4" fill="#fff" fill-opacity="0.86"/>';
  return plate + entries.join('');
}

function originOf(panel: PlacedPanel, legend: LegendLayout): { x: number; y: number } {
  const right = panel.left + panel.width - legend.width - inset - 6;
  const bottom = panel.top + panel.height - legend.height - inset;
  switch (legend.place) {
    case 'above':
      return { x: panel.left, y: panel.top - legend.height - 8 };
    case 'top-left':
      return { x: panel.left + inset, y: panel.top + inset };
    case 'top-right':
      return { x: right, y: panel.top + inset };
    case 'bottom-left':
      return { x: panel.left + inset, y: bottom };
    case 'bottom-right':
      return { x: right, y: bottom };
  }
}
