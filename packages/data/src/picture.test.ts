import { createRng } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { type Pixels, pictureDataset } from './picture.js';

/** A grey picture from rows of ink, 0 … 1. */
function drawn(rows: readonly (readonly number[])[]): Pixels {
  return {
    width: rows[0]!.length,
    height: rows.length,
    data: rows.flat().map((ink) => 1 - ink),
    channels: 1,
    max: 1,
  };
}

const letter = drawn([
  [1, 0, 0, 0],
  [1, 0, 0.5, 0],
  [1, 1, 1, 1],
]);

/** Row and column of each point, once scaled back to pixels. */
function cells(pixels: Pixels, count: number, options = {}) {
  const { x } = pictureDataset(pixels, options).batch(createRng(5), 0, count);
  // The ink's own mean and spread, from its definition.
  const { width, height } = pixels;
  const ink = Array.from({ length: width * height }, (_, i) => 1 - (pixels.data[i] as number));
  const total = ink.reduce((s, v) => s + v, 0);
  const mean = (of: (i: number) => number) => ink.reduce((s, v, i) => s + v * of(i), 0) / total;
  const [cx, cy] = [
    mean((i) => (i % width) + 0.5),
    mean((i) => height - Math.floor(i / width) - 0.5),
  ];
  const spread = mean(
    (i) => ((i % width) + 0.5 - cx) ** 2 + (height - Math.floor(i / width) - 0.5 - cy) ** 2 + 1 / 6,
  );
  const scale = Math.sqrt(spread / 2);
  return Array.from({ length: count }, (_, i) => ({
    column: x.data[2 * i]! * scale + cx,
    row: height - (x.data[2 * i + 1]! * scale + cy),
  }));
}

describe('pictureDataset', () => {
  it('chooses pixels in proportion to their ink, the right way up', () => {
    const count = 20_000;
    const counts = new Array<number>(12).fill(0);
    // A point on a pixel's edge may be rounded across it: 1e-6 of a pixel.
    const inside = (value: number) => Math.floor(Math.min(3.999999, Math.max(0, value)));
    for (const { row, column } of cells(letter, count))
      counts[4 * inside(row) + inside(column)]! += 1;
    const ink = [1, 0, 0, 0, 1, 0, 0.5, 0, 1, 1, 1, 1];
    ink.forEach((amount, i) => {
      const share = amount / 6.5;
      const error = Math.sqrt(count * share * (1 - share));
      if (amount === 0) expect(counts[i]).toBeLessThanOrEqual(2);
      else expect(Math.abs(counts[i]! - count * share)).toBeLessThan(4.5 * error);
    });
  });

  it('is uniform inside a pixel', () => {
    const count = 8000;
    const points = cells(drawn([[1]]), count);
    const bins = new Array<number>(16).fill(0);
    for (const { row, column } of points) {
      expect(Math.abs(row - 0.5)).toBeLessThanOrEqual(0.5 + 1e-6);
      const bin = (value: number) => Math.min(3, Math.max(0, Math.floor(4 * value)));
      bins[4 * bin(row) + bin(column)]! += 1;
    }
    const error = Math.sqrt((count / 16) * (15 / 16));
    for (const found of bins) expect(Math.abs(found - count / 16)).toBeLessThan(4.5 * error);
  });

  it('has mean 0, E‖x‖² = 2 and its noise on top', () => {
    const count = 20_000;
    const { x } = pictureDataset(letter, { noise: 0.5 }).batch(createRng(1), 0, count);
    const of = (values: number[]) => {
      const mean = values.reduce((s, v) => s + v, 0) / count;
      const square = values.reduce((s, v) => s + (v - mean) ** 2, 0) / (count - 1);
      return { mean, error: Math.sqrt(square / count) };
    };
    const column = (at: number) => Array.from({ length: count }, (_, i) => x.data[2 * i + at]!);
    for (const at of [0, 1]) {
      const { mean, error } = of(column(at));
      expect(Math.abs(mean)).toBeLessThan(4.5 * error);
    }
    const { mean, error } = of(column(0).map((value, i) => value ** 2 + x.data[2 * i + 1]! ** 2));
    expect(Math.abs(mean - 2.5)).toBeLessThan(4.5 * error);
  });

  it('gives item i of a batch of any size the same point, another at each step', () => {
    const data = pictureDataset(letter);
    const rng = createRng(3);
    const many = data.batch(rng, 5, 64);
    expect([...many.x.data.subarray(0, 2)]).toEqual([...data.batch(rng, 5, 1).x.data]);
    expect([...many.x.data.subarray(80)]).toEqual([...data.batch(rng.fromItem(40), 5, 24).x.data]);
    expect(data.batch(rng, 6, 64).x.data).not.toEqual(many.x.data);
    expect(many.label).toBeUndefined();
    expect(data).toMatchObject({ name: 'picture', itemShape: [2], classes: 0 });
    expect(data.config).toEqual({ width: 4, height: 3, ink: 'dark', threshold: 0, noise: 0 });
    expect(() => data.batch(rng, 0, 0)).toThrow(/the batch size is 0/);
  });

  it('reads ink as dark, light or opaque', () => {
    // Four pixels of RGBA: black, white, clear, half-clear black.
    const data = Uint8ClampedArray.from([
      0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 51,
    ]);
    const pixels = { width: 4, height: 1, data };
    const shares = (ink: 'dark' | 'light' | 'alpha') => {
      const { x } = pictureDataset(pixels, { ink }).batch(createRng(1), 0, 4000);
      const sorted = [...x.data].filter((_, i) => i % 2 === 0).sort((a, b) => a - b);
      return sorted;
    };
    // Ink 1, 0, 0, 0.2: two clusters of shares 5/6 and 1/6, three pixels apart.
    const dark = shares('dark');
    const gap = dark.findIndex((value, i) => i > 0 && value - dark[i - 1]! > 1);
    expect(Math.abs(gap / 4000 - 5 / 6)).toBeLessThan(4.5 * Math.sqrt(5 / 36 / 4000));
    // Only the white pixel: uniform on ±√3 along x.
    expect(shares('light')[0]).toBeGreaterThan(-Math.sqrt(3) - 1e-5);
    expect(shares('light')[0]).toBeLessThan(-Math.sqrt(3) + 0.01);
    // Ink 1, 1, 0, 0.2: shares 1/2.2 in the leftmost pixel.
    const alpha = shares('alpha');
    const second = alpha.findIndex((value, i) => i > 0 && value - alpha[i - 1]! > 0.2);
    expect(Math.abs(second / 4000 - 2 / 2.2)).toBeLessThan(4.5 * Math.sqrt(0.1 / 4000));
  });

  it('sees no ink in white, whatever the colours are weighted by', () => {
    const white = { width: 2, height: 1, data: [255, 255, 255, 255, 255, 0], channels: 3 } as const;
    const { x } = pictureDataset(white).batch(createRng(1), 0, 100);
    // Only the yellow pixel: along x within ±√3 of the mean.
    expect(Math.max(...x.data.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(3) + 1e-5);
  });

  it('leaves out what is below the threshold', () => {
    const faint = drawn([[1, 0.1, 0.1, 0.1]]);
    const { x } = pictureDataset(faint, { threshold: 0.2 }).batch(createRng(1), 0, 100);
    expect(Math.max(...x.data.map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(3) + 1e-5);
  });

  it('says what is wrong', () => {
    expect(() => pictureDataset(drawn([[0, 0]]))).toThrow(
      /no pixel with ink 'dark' \(the most is 0 of 1.*another ink/,
    );
    expect(() => pictureDataset(drawn([[0.3]]), { threshold: 0.5 })).toThrow(/most is 0.3.* of 1/);
    expect(() => pictureDataset({ width: 2, height: 2, data: [1, 2, 3] })).toThrow(
      /2 × 2 pixels of 4 channels and 3 numbers/,
    );
    expect(() => pictureDataset({ width: 1, height: 1, data: [256], channels: 1 })).toThrow(
      /the number 256 at pixel 0/,
    );
    expect(() => pictureDataset({ width: 1, height: 1, data: [Number.NaN], channels: 1 })).toThrow(
      /the number NaN/,
    );
    expect(() => pictureDataset(letter, { threshold: 1 })).toThrow(/threshold is 1/);
    expect(() => pictureDataset(letter, { ink: 'grey' as 'dark' })).toThrow(/ink is "grey"/);
  });
});
