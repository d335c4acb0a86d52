import type { Link } from '../figure.js';
import type { FigureLayout } from '../layout/figure-layout.js';
import { sizes } from '../layout/sizes.js';
import { arrowPath } from '../marks/arrow-shape.js';
import { coordinate } from '../path-data.js';
import { drawText } from '../text/draw-text.js';

/** The arrow of a link between two panels, with its label above. */
export function drawLink(link: Link, { rows }: FigureLayout): string {
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
