import { sizes } from '../layout/sizes.js';
import { drawText } from '../text/draw-text.js';
import { textWidth } from '../text/measure.js';

/** Frames and ticks of axes and of colour bars. */
export const axisStroke = 'fill="none" stroke="#444" stroke-width="1.3"';

/** A label along a vertical axis of a height, read from below; smaller where it is longer. */
export function drawUprightLabel(label: string, x: number, y: number, height: number): string {
  const width = textWidth(label, sizes.axisLabel);
  const room = height + 40;
  const size = width <= room ? sizes.axisLabel : (sizes.axisLabel * room) / width;
  return drawText(label, x, y, { size: Math.max(size, 11), anchor: 'middle', rotate: -90 });
}
