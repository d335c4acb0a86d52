import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { advanceTable } from './advance-table.js';
import { textWidth, wrapText } from './measure.js';

const require = createRequire(import.meta.url);

/** Advance widths as the font file has them, by its tables cmap (format 12) and hmtx. */
function fontAdvances(name: string): (codePoint: number) => number {
  const font = readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${name}`));
  const table = new Map<string, number>();
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const record = 12 + 16 * i;
    table.set(font.toString('latin1', record, record + 4), font.readUInt32BE(record + 8));
  }
  const metrics = font.readUInt16BE(table.get('hhea')! + 34);
  const cmap = table.get('cmap')!;
  const glyphs = new Map<number, number>();
  for (let i = 0; i < font.readUInt16BE(cmap + 2); i++) {
    const subtable = cmap + font.readUInt32BE(cmap + 8 + 8 * i);
    if (font.readUInt16BE(subtable) !== 12) continue;
    for (let group = 0; group < font.readUInt32BE(subtable + 12); group++) {
      const at = subtable + 16 + 12 * group;
      const [first, last, glyph] = [0, 4, 8].map((offset) => font.readUInt32BE(at + offset));
      for (let code = first!; code <= last!; code++) glyphs.set(code, glyph! + code - first!);
    }
  }
  return (codePoint) => {
    const glyph = glyphs.get(codePoint);
    if (glyph === undefined) return 0;
    return font.readUInt16BE(table.get('hmtx')! + 4 * Math.min(glyph, metrics - 1));
  };
}

const regular = fontAdvances('DejaVuSans.ttf');
const bold = fontAdvances('DejaVuSans-Bold.ttf');
const widthIn = (advance: (codePoint: number) => number, text: string) =>
  [...text].reduce((sum, letter) => sum + advance(letter.codePointAt(0)!), 0) / 2048;

describe('textWidth', () => {
  it('knows the advance widths of the font', () => {
    for (const [first, widths] of advanceTable) {
      widths.split(' ').forEach((width, index) => {
        expect(Number(width)).toBe(regular(first + index));
      });
    }
  });

  it('adds them up, marks on letters without a width', () => {
    const text = 'Fisher divergence ‖s − ∇ log p‖², σ₁ > σ₂';
    expect(textWidth(text, 16)).toBeCloseTo(16 * widthIn(regular, text), 8);
    expect(textWidth('x\u0303', 10)).toBeCloseTo(textWidth('x', 10), 8);
    expect(textWidth('→', 10)).toBeCloseTo(10 * widthIn(regular, '→'), 8);
    expect(textWidth('', 16)).toBe(0);
  });

  it('does not count the braces of sub- and superscripts, which are smaller', () => {
    expect(textWidth('x_{t−1}', 20)).toBeCloseTo(
      20 * widthIn(regular, 'x') + 0.72 * 20 * widthIn(regular, 't−1'),
      8,
    );
  });

  // The bold estimate is one factor. Too wide breaks a line early, which harms nobody; 5 % is the
  // air that the layout leaves around a text that turns out wider.
  it.each([
    'Langevin trajectories from noise',
    'SCORE FIELD',
    '1234567890',
    'Mode weights',
    'x₀ … x_T',
  ])('estimates bold text: %s', (text) => {
    const estimate = textWidth(text, 20, true) / (20 * widthIn(bold, text));
    expect(estimate).toBeGreaterThan(0.95);
    expect(estimate).toBeLessThan(1.1);
  });
});

describe('wrapText', () => {
  it('breaks at spaces so that lines fit', () => {
    const text = 'noise levels of the perturbed data and their score fields';
    const lines = wrapText(text, 16, 150);
    expect(lines.join(' ')).toBe(text);
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(textWidth(line, 16)).toBeLessThanOrEqual(150);
  });

  it('keeps a long word whole, and breaks at line feeds', () => {
    expect(wrapText('a incomprehensibilities b', 16, 40)).toEqual([
      'a',
      'incomprehensibilities',
      'b',
    ]);
    expect(wrapText('one\ntwo', 16, 1000)).toEqual(['one', 'two']);
    expect(wrapText('', 16, 100)).toEqual(['']);
  });
});
