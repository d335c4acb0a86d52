import type { Pixels } from './image-grid.js';

/** What a terminal can show. */
export interface TerminalLook {
  readonly columns: number;
  readonly colour: boolean;
}

const ramp = ' .:-=+*#%@';

/**
 * A picture as text, scaled down to the terminal's width: two pixels a character with grey half
 * blocks where there is colour, else a ramp of letters.
 */
export function preview(pixels: Pixels, look: TerminalLook): string {
  const width = Math.min(pixels.width, Math.max(16, look.columns - 1));
  const scale = pixels.width / width;
  const rows = Math.round(pixels.height / scale / 2);
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    let line = '';
    let last = '';
    for (let column = 0; column < width; column++) {
      const upper = boxMean(pixels, column * scale, 2 * row * scale, scale);
      const lower = boxMean(pixels, column * scale, (2 * row + 1) * scale, scale);
      if (look.colour) {
        const code = `\u001b[38;5;${grey(upper)};48;5;${grey(lower)}m`;
        line += code === last ? '▀' : `${code}▀`;
        last = code;
      } else {
        const mean = (upper + lower) / 2;
        line += ramp[Math.min(ramp.length - 1, Math.floor((mean / 256) * ramp.length))];
      }
    }
    lines.push(look.colour ? `${line}\u001b[0m` : line.trimEnd());
  }
  return lines.join('\n');
}

/** The 256-colour palette's grey of a brightness 0 … 255. */
function grey(value: number): number {
  const step = Math.round((value / 255) * 25);
  if (step === 0) return 16;
  return step === 25 ? 231 : 231 + step;
}

/** Mean brightness of a square of the picture. */
function boxMean(pixels: Pixels, left: number, top: number, extent: number): number {
  let sum = 0;
  let count = 0;
  const right = Math.max(Math.ceil(left + extent), Math.floor(left) + 1);
  const bottom = Math.max(Math.ceil(top + extent), Math.floor(top) + 1);
  for (let y = Math.floor(top); y < Math.min(bottom, pixels.height); y++) {
    for (let x = Math.floor(left); x < Math.min(right, pixels.width); x++) {
      for (let c = 0; c < pixels.channels; c++) {
        sum += pixels.data[(y * pixels.width + x) * pixels.channels + c]!;
        count++;
      }
    }
  }
  return count === 0 ? 0 : sum / count;
}
