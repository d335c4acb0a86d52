import { type RampName, rampColour } from '../colour/ramps.js';
import type { PlacedPanel } from '../layout/figure-layout.js';
import { sizes } from '../layout/sizes.js';
import { coordinate } from '../path-data.js';
import { drawRaster, type Raster } from '../raster.js';
import { drawText } from '../text/draw-text.js';
import { textWidth } from '../text/measure.js';
import { axisStroke, drawUprightLabel } from './upright-label.js';

/** The colour bar to the right of a panel, its highest value on top. */
export function drawColourBar({ colourBar, left, top, width, height }: PlacedPanel): string {
  if (colourBar === undefined) return '';
  const x = left + width + sizes.colourBarPad;
  const box = { x, y: top, width: sizes.colourBar, height };
  const right = x + sizes.colourBar;
  let marks =
    `M${coordinate(x)} ${coordinate(top)}h${sizes.colourBar}` +
    `v${coordinate(height)}h${-sizes.colourBar}Z`;
  let texts = '';
  let widest = 0;
  for (const { at, text } of colourBar.ticks) {
    const y = top + colourBar.scale.pixels(at);
    marks += `M${coordinate(right)} ${coordinate(y)}h${sizes.tickLength}`;
    texts += drawText(text, right + sizes.tickLength + 4, y + 0.36 * sizes.tick, {
      size: sizes.tick,
    });
    widest = Math.max(widest, textWidth(text, sizes.tick));
  }
  if (colourBar.label !== undefined) {
    const labelX = right + sizes.tickLength + 4 + widest + sizes.labelPad + 0.85 * sizes.axisLabel;
    texts += drawUprightLabel(colourBar.label, labelX, top + height / 2, height);
  }
  return `${drawRaster(rampRaster(colourBar.colours.ramp), box)}<path d="${marks}" ${axisStroke}/>${texts}`;
}

/** A colour map as one column of pixels. */
function rampRaster(ramp: RampName): Raster {
  const height = 128;
  const shares = Array.from({ length: height }, (_, i) => 1 - (i + 0.5) / height);
  const data = Uint8Array.from(shares.flatMap((share) => rampColour(ramp, share)));
  return { data, width: 1, height, channels: 3 };
}
