import { describe, expect, it } from 'vitest';
import { colourDistance, visions } from './colour-vision.testing.js';
import { category, palette } from './palette.js';
import type { Rgb } from './ramps.js';

function rgb(hex: string): Rgb {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
}

describe('palette', () => {
  // 2.3 is just noticeable side by side; four times that is distinguishable at a distance.
  it.each(Object.entries(visions))('is distinguishable with %s colour vision', (_, vision) => {
    const colours = Object.values(palette).map(rgb);
    colours.forEach((a, i) => {
      for (const b of colours.slice(i + 1)) {
        expect(colourDistance(a, b, vision)).toBeGreaterThan(9.2);
      }
      expect(colourDistance(a, [255, 255, 255], vision)).toBeGreaterThan(25);
    });
  });
});

describe('category', () => {
  it('differs in colour and in marker or dash, and repeats after seven', () => {
    const looks = Array.from({ length: 7 }, (_, i) => category(i));
    expect(new Set(looks.map(({ colour }) => colour)).size).toBe(7);
    expect(new Set(looks.map(({ shape, dash }) => `${shape} ${dash}`)).size).toBe(7);
    expect(category(7)).toBe(category(0));
    expect(category(-1)).toBe(category(6));
  });
});
