import { describe, expect, it } from 'vitest';
import { colourDistance, labOf, visions } from './colour-vision.testing.js';
import { hexColour, rampColour, rampNames } from './ramps.js';

const shares = Array.from({ length: 33 }, (_, i) => i / 32);

describe('rampColour', () => {
  it('is known at its ends and clipped beyond', () => {
    expect(hexColour(rampColour('viridis', 0))).toBe('#440154');
    expect(hexColour(rampColour('viridis', 1))).toBe('#fde725');
    expect(rampColour('viridis', -3)).toEqual(rampColour('viridis', 0));
    expect(rampColour('viridis', 7)).toEqual(rampColour('viridis', 1));
    expect(hexColour(rampColour('greys', 0))).toBe('#ffffff');
  });

  it.each(
    rampNames
      .filter((name) => name !== 'diverging')
      .flatMap((name) =>
        Object.entries(visions).map(([vision, matrix]) => [name, vision, matrix] as const),
      ),
  )('%s changes its lightness in one direction for %s colour vision', (name, _, matrix) => {
    const lightness = shares.map((share) => labOf(rampColour(name, share), matrix)[0]!);
    const sign = Math.sign(lightness.at(-1)! - lightness[0]!);
    lightness.slice(1).forEach((value, i) => {
      expect(sign * (value - lightness[i]!)).toBeGreaterThan(0);
    });
    // Half of the way from black to white, so that it also prints in grey.
    expect(Math.abs(lightness.at(-1)! - lightness[0]!)).toBeGreaterThan(50);
  });

  it('diverges from a middle that is light and without a hue', () => {
    const [lightness, a, b] = labOf(rampColour('diverging', 0.5), visions.whole);
    expect(lightness).toBeGreaterThan(90);
    // A chroma that is just noticeable beside white.
    expect(Math.hypot(a!, b!)).toBeLessThan(2.3);
  });

  it('diverges: both sides darken evenly from a neutral middle, and differ', () => {
    for (const vision of Object.values(visions)) {
      const lightness = (share: number) => labOf(rampColour('diverging', share), vision)[0]!;
      for (const distance of [0.1, 0.25, 0.4]) {
        expect(lightness(0.5 - distance)).toBeLessThan(lightness(0.5));
        expect(lightness(0.5 + distance)).toBeLessThan(lightness(0.5));
        const [a, b] = [0.5 - distance, 0.5 + distance].map((share) =>
          rampColour('diverging', share),
        );
        expect(colourDistance(a!, b!, vision)).toBeGreaterThan(15);
      }
    }
  });

  it('names the maps that there are', () => {
    expect(() => rampColour('jet' as 'greys', 0.5)).toThrow(/the colour map 'jet'.*viridis/);
  });
});
