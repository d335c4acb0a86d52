import { advanceTable } from './advance-table.js';
import { type Run, runsOf, scriptScale } from './runs.js';

const unitsPerEm = 2048;
/** Of characters not in the table: that of arrows and most mathematical signs. */
const otherAdvance = 1716;
/** Bold letters are 9 % (digits) to 23 % (i, l) wider, 13 % in running text. */
const boldFactor = 1.14;

const advances = new Map<number, number>();
for (const [first, widths] of advanceTable) {
  widths.split(' ').forEach((width, index) => {
    advances.set(first + index, Number(width));
  });
}

function advanceOf(codePoint: number): number {
  // Combining marks have no width of their own.
  if (codePoint >= 0x300 && codePoint <= 0x36f) return 0;
  return advances.get(codePoint) ?? otherAdvance;
}

/** Width in pixels of a text in DejaVu Sans, with its sub- and superscripts. */
export function textWidth(text: string, size: number, bold = false): number {
  return runsOf(text).reduce((sum, run) => sum + runWidth(run, size, bold), 0);
}

function runWidth(run: Run, size: number, bold: boolean): number {
  let units = 0;
  for (const letter of run.text) units += advanceOf(letter.codePointAt(0)!);
  const scale = run.script === 'base' ? 1 : scriptScale;
  return (units / unitsPerEm) * size * scale * (bold ? boldFactor : 1);
}

/**
 * Breaks a text at its spaces into lines of at most `width` pixels; a word that is longer has a
 * line of its own. A line feed in the text always breaks.
 */
export function wrapText(text: string, size: number, width: number, bold = false): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && textWidth(longer, size, bold) > width) {
        lines.push(line);
        line = word;
      } else {
        line = longer;
      }
    }
    return [...lines, line];
  });
}
