import { coordinate } from '../path-data.js';
import { runsOf, scriptScale } from './runs.js';

export const fontFamily = 'DejaVu Sans';
/** Text ink; softer than black, still 12:1 against white. */
export const ink = '#222';
/** Notes and subtitles, 7:1 against white. */
export const softInk = '#555';

export interface TextLook {
  readonly size: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  readonly colour?: string;
  /** Degrees clockwise around the text's own position. */
  readonly rotate?: number;
  /** A white outline, so that the text is legible over data. */
  readonly halo?: boolean;
}

/** Makes a text safe inside an element or a quoted attribute. */
export function escapeXml(text: string): string {
  return (
    text
      // XML allows most control characters neither literally nor escaped.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/"/g, '&quot;')
  );
}

/** A `<text>` element with its baseline at y; `_{…}` and `^{…}` become subscripts and superscripts. */
export function drawText(text: string, x: number, y: number, look: TextLook): string {
  const attributes = [
    `x="${coordinate(x)}" y="${coordinate(y)}"`,
    `font-size="${coordinate(look.size)}"`,
    `fill="${look.colour ?? ink}"`,
  ];
  if (look.anchor !== undefined && look.anchor !== 'start') {
    attributes.push(`text-anchor="${look.anchor}"`);
  }
  if (look.bold) attributes.push('font-weight="bold"');
  if (look.rotate !== undefined) {
    attributes.push(`transform="rotate(${look.rotate} ${coordinate(x)} ${coordinate(y)})"`);
  }
  if (look.halo) {
    attributes.push('stroke="#fff" stroke-width="4" stroke-linejoin="round" paint-order="stroke"');
  }
  return `<text ${attributes.join(' ')}>${drawRuns(text, look.size)}</text>`;
}

function drawRuns(text: string, size: number): string {
  let shift = 0;
  return runsOf(text)
    .map((run) => {
      const wanted = run.script === 'base' ? 0 : run.script === 'sub' ? 0.22 * size : -0.38 * size;
      const dy = wanted - shift;
      shift = wanted;
      const content = escapeXml(run.text);
      if (run.script === 'base' && dy === 0) return content;
      const fontSize = run.script === 'base' ? size : size * scriptScale;
      return `<tspan dy="${coordinate(dy)}" font-size="${coordinate(fontSize)}">${content}</tspan>`;
    })
    .join('');
}

/** Lines of text below one another; y is the first baseline. */
export function drawLines(lines: readonly string[], x: number, y: number, look: TextLook): string {
  return lines
    .map((line, index) => drawText(line, x, y + index * lineHeight(look.size), look))
    .join('');
}

export function lineHeight(size: number): number {
  return Math.round(size * 1.3);
}
