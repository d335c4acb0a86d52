import { engine } from '@tensorflow/tfjs-core';
import {
  type Batch,
  createRng,
  type Dataset,
  type Density,
  type FloatArray,
  sizeOf,
} from '@tweedie/core';
import { describe, expect, it } from 'vitest';

/** Finite sets of at most so many items are walked through two whole epochs. */
const MOST_ITEMS = 5000;

/**
 * What every data set must hold: batches that are a function of the generator's key, the step and the
 * item alone, of the shape and with the classes that it declares; finite numbers; each item once an
 * epoch in a finite set; refusal of a step below 0 and an empty batch (INVALID_VALUE;
 * `checkBatchRequest` of `@tweedie/data`); and, where a batch carries its density, samples that agree with it.
 *
 * @param make makes the data set under test; a finite one of some thousand items at most
 */
export function testDataset(name: string, make: () => Dataset): void {
  describe(`data set ${name}`, () => {
    const data = make();
    const plain = ({ x, label }: Batch) => ({ x: [...x.data], label: [...(label?.data ?? [])] });
    const many = 64;

    it('has a name and options that JSON keeps', () => {
      expect(data.name).not.toBe('');
      expect(JSON.parse(JSON.stringify(data.config))).toEqual(data.config);
    });

    it('declares the shape of an item, its size and its classes', () => {
      expect(data.itemShape.every((extent) => Number.isInteger(extent) && extent > 0)).toBe(true);
      expect(data.size === Number.POSITIVE_INFINITY || Number.isInteger(data.size)).toBe(true);
      expect(data.size).toBeGreaterThan(0);
      expect(Number.isInteger(data.classes) && data.classes >= 0).toBe(true);
    });

    it('gives finite items of that shape, with labels within its classes', () => {
      for (const count of [1, 3, many]) {
        const { x, label } = data.batch(createRng(1), 2, count);
        expect(x.shape).toEqual([count, ...data.itemShape]);
        expect(x.data).toBeInstanceOf(Float32Array);
        expect(x.data.length).toBe(sizeOf(x.shape));
        expect(x.data.every(Number.isFinite)).toBe(true);
        if (data.classes === 0) {
          expect(label).toBeUndefined();
          continue;
        }
        expect(label?.shape).toEqual([count]);
        expect(label?.data).toBeInstanceOf(Int32Array);
        for (const value of label!.data) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(data.classes);
        }
      }
    });

    it('gives the same batch for the same key and step, whatever was asked for before', () => {
      const first = plain(data.batch(createRng(1), 5, 8));
      const used = createRng(1);
      used.normal([3]);
      data.batch(used, 4, 3);
      expect(plain(data.batch(used, 5, 8))).toEqual(first);
      expect(plain(make().batch(createRng(1), 5, 8))).toEqual(first);
    });

    it('gives another batch at another step and for another key', () => {
      const first = plain(data.batch(createRng(1), 0, many)).x;
      // A set of one item has one batch.
      if (data.size === 1) return;
      expect(plain(data.batch(createRng(1), 1, many)).x).not.toEqual(first);
      expect(plain(data.batch(createRng(2), 0, many)).x).not.toEqual(first);
    });

    it('gives arrays that are the caller’s', () => {
      const first = data.batch(createRng(1), 0, 4);
      const values = plain(first);
      first.x.data.fill(Number.NaN);
      first.label?.data.fill(-1);
      expect(plain(data.batch(createRng(1), 0, 4))).toEqual(values);
    });

    it('refuses a step below 0 and an empty batch', () => {
      const refused = expect.objectContaining({ code: 'INVALID_VALUE' });
      expect(() => data.batch(createRng(1), -1, 4)).toThrow(refused);
      expect(() => data.batch(createRng(1), 0, 0)).toThrow(refused);
    });

    it('makes no tensors', () => {
      const before = engine().state.numTensors;
      data.batch(createRng(1), 0, 4);
      expect(engine().state.numTensors).toBe(before);
    });

    if (data.size === Number.POSITIVE_INFINITY) {
      it('gives item i of a step whatever the batch size', () => {
        const rng = createRng(3);
        const together = plain(data.batch(rng, 5, 64));
        const size = sizeOf(data.itemShape);
        for (const item of [0, 1, 17, 63]) {
          const alone = plain(data.batch(rng.fromItem(item), 5, 1));
          expect(alone.x).toEqual(together.x.slice(item * size, (item + 1) * size));
          expect(alone.label).toEqual(together.label.slice(item, item + 1));
        }
        expect(plain(data.batch(rng, 5, 9)).x).toEqual(together.x.slice(0, 9 * size));
      });
    } else {
      it('gives each item once an epoch, whatever the batch size', () => {
        const count = Math.min(data.size, MOST_ITEMS);
        const walked = (batchSize: number, places: number) => {
          const items: string[] = [];
          for (let step = 0; items.length < places; step++) {
            const { x, label } = data.batch(createRng(4), step, batchSize);
            items.push(...itemsOf(x).map((item, i) => `${label?.data[i]}: ${item}`));
          }
          return items.slice(0, places);
        };
        const items = walked(7, 2 * count);
        expect(walked(32, 2 * count)).toEqual(items);
        if (count < data.size) return;
        const sorted = (list: readonly string[]) => [...list].sort();
        expect(sorted(items.slice(count))).toEqual(sorted(items.slice(0, count)));
      });
    }

    if (data.batch(createRng(1), 0, 1).density !== undefined) {
      describe('the density of its batches', () => densityAgrees(data));
    }
  });
}

/** The levels at which a density is compared with samples: the data, and two noised. */
const levels = [
  { alpha: 1, sigma: 0 },
  { alpha: 0.8, sigma: 0.6 },
  { alpha: 1, sigma: 2 },
];

function densityAgrees(data: Dataset): void {
  const size = sizeOf(data.itemShape);
  const { density } = data.batch(createRng(1), 0, 1) as { density: Density };

  /** Samples of αx₀ + σε. */
  const samples = (count: number, { alpha, sigma }: (typeof levels)[number]): number[][] => {
    const { x } = data.batch(createRng(8), 0, count);
    const noise = createRng(9).normal([count, size]).data;
    return itemsOf(x).map((item, n) => [
      ...item.map((value, i) => alpha * value + sigma * noise[n * size + i]!),
    ]);
  };

  it.each(levels)('has a score that is the gradient of its logarithm: $alpha, $sigma', (level) => {
    const noised = density.at(level);
    for (const x of samples(10, level)) {
      const score = noised.score(x);
      const scale = 1 + Math.abs(noised.logDensity(x)) + Math.max(...score.map(Math.abs));
      const h = 1e-4;
      for (let i = 0; i < size; i++) {
        const at = (step: number) =>
          noised.logDensity(x.map((value, j) => (i === j ? value + step * h : value)));
        const slope = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
        expect(Math.abs(slope - score[i]!)).toBeLessThan(1e-6 * scale ** 2);
      }
    }
  });

  it.each(levels)("obeys Stein's identities with the samples: $alpha, $sigma", (level) => {
    // E[s] = 0 and E[x·s] = −D for the score s of the distribution that x is drawn from.
    const noised = density.at(level);
    const drawn = samples(4000, level);
    const scores = drawn.map((x) => noised.score(x));
    const products = drawn.map((x, n) => x.reduce((sum, v, i) => sum + v * scores[n]![i]!, 0));
    for (let i = 0; i < size; i++) {
      expect(
        deviations(
          scores.map((score) => score[i]!),
          0,
        ),
      ).toBeLessThan(5);
    }
    expect(deviations(products, -size)).toBeLessThan(5);
  });

  if (size > 2) return;
  it('integrates to 1', () => {
    const noised = density.at(levels[2]!);
    const drawn = samples(1000, levels[2]!);
    const steps = 200;
    // Six standard deviations of the noise beyond the samples.
    const axes = Array.from({ length: size }, (_, i) => {
      const values = drawn.map((x) => x[i]!);
      const [low, high] = [Math.min(...values) - 12, Math.max(...values) + 12];
      return { low, step: (high - low) / steps };
    });
    const cell = axes.reduce((product, { step }) => product * step, 1);
    let total = 0;
    for (let place = 0; place < steps ** size; place++) {
      const x = axes.map(
        ({ low, step }, i) => low + ((Math.floor(place / steps ** i) % steps) + 0.5) * step,
      );
      total += Math.exp(noised.logDensity(x)) * cell;
    }
    expect(total).toBeCloseTo(1, 4);
  });
}

function itemsOf({ data, shape }: FloatArray): Float32Array[] {
  const size = sizeOf(shape.slice(1));
  return Array.from({ length: shape[0]! }, (_, i) => data.subarray(i * size, (i + 1) * size));
}

/** How many standard errors the mean of numbers is from what it should be. */
function deviations(values: readonly number[], expected: number): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Math.abs(mean - expected) / Math.sqrt(variance / values.length);
}
