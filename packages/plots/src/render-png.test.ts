import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { points, renderSvg, text } from './index.js';
import { renderPng } from './node.js';

const svg = renderSvg({
  width: 300,
  title: 'Title ∇σ₁',
  panels: [[{ marks: [points([[0, 0]], { colour: '#0072B2', opacity: 1 })] }]],
});

/** Number of pixels for which it is true. */
function count(png: Uint8Array, matches: (r: number, g: number, b: number) => boolean): number {
  const { data, width, height, channels } = decode(png);
  let sum = 0;
  for (let i = 0; i < width * height; i++) {
    const [r, g, b] = [0, 1, 2].map((c) => data[i * channels + c]!);
    if (matches(r!, g!, b!)) sum += 1;
  }
  return sum;
}

const dark = (r: number, g: number, b: number) => r < 80 && g < 80 && b < 80;

describe('renderPng', () => {
  it('draws marks and text, at the size that is asked for', async () => {
    const png = await renderPng(svg);
    const whole = decode(png);
    expect(whole.width).toBe(300);
    const half = decode(await renderPng(svg, { scale: 0.5 }));
    expect([half.width, half.height]).toEqual([150, Math.ceil(whole.height / 2)]);
    expect(decode(await renderPng(svg, { width: 600 })).width).toBe(600);
    expect(count(png, (r, g, b) => r === 0 && g === 0x72 && b === 0xb2)).toBeGreaterThan(10);
    expect(count(png, (r, g, b) => r + g + b === 765)).toBeGreaterThan(10_000);
  });

  it('finds its fonts: words leave ink, bold more than regular, Greek and mathematics too', async () => {
    const inkOf = async (words: string, bold = false) => {
      const panel = { bare: true, marks: [text([0, 0], words, { bold, size: 30 })] };
      return count(await renderPng(renderSvg({ width: 400, panels: [[panel]] })), dark);
    };
    const words = await inkOf('score');
    expect(words).toBeGreaterThan(100);
    expect(await inkOf('score', true)).toBeGreaterThan(1.2 * words);
    for (const sign of ['∇', 'σ', '₁', 'θ', '‖', '−', 'ᾱ']) {
      expect(await inkOf(sign)).toBeGreaterThan(3);
    }
    expect(await inkOf(' ')).toBe(0);
  });

  it('gives pictures sharp pixels', async () => {
    const { heatmap } = await import('./index.js');
    const grid = { x: [0, 2], y: [0, 1], columns: 2, rows: 1, values: [0, 1] } as const;
    const png = await renderPng(
      renderSvg({
        width: 300,
        panels: [[{ bare: true, marks: [heatmap(grid, { ramp: 'greys' })] }]],
      }),
    );
    // White, the darkest grey, and the frame's background: nothing between.
    expect(count(png, (r) => r > 40 && r < 240)).toBeLessThan(200);
  });

  it('is the same every time', async () => {
    expect(await renderPng(svg)).toEqual(await renderPng(svg));
  });

  it('says what is wrong', async () => {
    await expect(renderPng('no svg')).rejects.toThrow(/the SVG cannot be drawn/);
    await expect(renderPng(svg, { width: 0 })).rejects.toThrow(/width is 0/);
    await expect(renderPng(svg, { scale: Number.NaN })).rejects.toThrow(/scale is NaN/);
    await expect(renderPng(svg, { scale: 1, width: 5 })).rejects.toThrow(/both width and scale/);
  });
});
