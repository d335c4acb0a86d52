import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng, type Rng, type RngState, restoreRng } from './rng.js';

/** Each kind of draw as a function of a shape, flat. */
const draws: readonly (readonly [string, (rng: Rng, shape: readonly number[]) => number[]])[] = [
  ['normal', (rng, shape) => [...rng.normal(shape).data]],
  ['uniform', (rng, shape) => [...rng.uniform(shape, -1, 3).data]],
  ['integers', (rng, shape) => [...rng.integers(shape, 0, 1000).data]],
];

describe.each(draws)('%s', (_name, draw) => {
  it('gives item i the same numbers in a batch of any size', () => {
    const all = draw(createRng(7), [64, 3, 2]);
    expect(draw(createRng(7), [1, 3, 2])).toEqual(all.slice(0, 6));
    expect(draw(createRng(7), [37, 3, 2])).toEqual(all.slice(0, 37 * 6));
  });

  it('gives element e of an item the same number in an item of any size', () => {
    const [long, short] = [draw(createRng(7), [5, 8]), draw(createRng(7), [5, 3])];
    for (let item = 0; item < 5; item++) {
      expect(short.slice(item * 3, item * 3 + 3)).toEqual(long.slice(item * 8, item * 8 + 3));
    }
  });

  it('sees the same stream from any item on', () => {
    const all = draw(createRng(7), [64, 5]);
    expect(draw(createRng(7).fromItem(40), [24, 5])).toEqual(all.slice(200));
    expect(draw(createRng(7).fromItem(15).fromItem(25), [24, 5])).toEqual(all.slice(200));
  });

  it('gives other numbers at each draw, of each seed and each fork', () => {
    const rng = createRng(7);
    const seen = [
      draw(rng, [50]),
      draw(rng, [50]),
      draw(rng.fork('a'), [50]),
      draw(rng.fork('b'), [50]),
      draw(rng.fork('a').fork('a'), [50]),
      draw(createRng(8), [50]),
      draw(createRng(7 + 2 ** 32), [50]),
    ];
    for (const [i, one] of seen.entries()) {
      for (const other of seen.slice(i + 1)) {
        const shared = one.filter((value, at) => value === other[at]).length;
        expect(shared).toBeLessThan(3);
      }
    }
  });

  it('counts one draw a call, whatever the shape', () => {
    const [one, other] = [createRng(3), createRng(3)];
    draw(one, [4, 4]);
    draw(other, []);
    expect(one.state()).toEqual({ key: [3, 0], draws: 1, firstItem: 0 });
    expect(draw(one, [6])).toEqual(draw(other, [6]));
  });

  it('takes scalars and empty batches', () => {
    expect(draw(createRng(1), [])).toHaveLength(1);
    expect(draw(createRng(1), [0, 4])).toEqual([]);
    expect(draw(createRng(1), [])).toEqual(draw(createRng(1), [1]));
  });

  it.each([[[-1]], [[2, 1.5]], [[Number.NaN]]])('refuses the shape %j', (shape) => {
    expect(() => draw(createRng(1), shape)).toThrow(/the shape is .*whole numbers of at least 0/);
  });
});

describe('normal', () => {
  const count = 100_000;
  const values = createRng(20).normal([count]).data;

  it('has the moments of N(0, 1), within 4.5 standard errors', () => {
    // E zᵏ and Var zᵏ = E z²ᵏ − (E zᵏ)².
    const moments = [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const;
    for (const [power, mean, variance] of moments) {
      const found = values.reduce((sum, value) => sum + value ** power, 0) / count;
      expect(Math.abs(found - mean)).toBeLessThan(4.5 * Math.sqrt(variance / count));
    }
  });

  it('passes the test of Kolmogorov and Smirnov', () => {
    expect(ksDistance(values, normalCdf)).toBeLessThan(1.63 / Math.sqrt(count));
  });

  it('has no correlation between neighbours, items or the two outputs of a pair', () => {
    const pairs = createRng(21).normal([count, 2]).data;
    for (const lag of [1, 2, 4]) {
      let sum = 0;
      for (let i = lag; i < pairs.length; i++) sum += pairs[i]! * pairs[i - lag]!;
      expect(Math.abs(sum / pairs.length)).toBeLessThan(4.5 / Math.sqrt(pairs.length));
    }
  });
});

describe('uniform', () => {
  const count = 100_000;

  it('passes the test of Kolmogorov and Smirnov on any range', () => {
    const unit = createRng(22).uniform([count]).data;
    expect(ksDistance(unit, (x) => x)).toBeLessThan(1.63 / Math.sqrt(count));
    const wide = createRng(23).uniform([count], -3, 5).data;
    expect(ksDistance(wide, (x) => (x + 3) / 8)).toBeLessThan(1.63 / Math.sqrt(count));
  });

  it('by default lies on a grid of 2⁻²⁴ in [0, 1)', () => {
    const values = createRng(24).uniform([count]).data;
    for (const value of values) {
      expect(Number.isInteger(value * 2 ** 24) && value >= 0 && value < 1).toBe(true);
    }
    // Not a coarser grid.
    expect(values.some((value) => (value * 2 ** 24) % 2 === 1)).toBe(true);
  });

  it('stays inside its range', () => {
    const values = createRng(25).uniform([10_000], 1, 1 + 2 ** -20).data;
    expect(values.every((value) => value >= 1 && value <= 1 + 2 ** -20)).toBe(true);
    expect([...createRng(0).uniform([3], 0.5, 0.5).data]).toEqual([0.5, 0.5, 0.5]);
  });

  it.each([
    [1, 0],
    [0, Number.POSITIVE_INFINITY],
    [Number.NaN, 1],
  ])('refuses the range %d to %d', (low, high) => {
    expect(() => createRng(0).uniform([1], low, high)).toThrow(/the range is/);
  });
});

describe('integers', () => {
  it.each([
    [0, 2],
    [-3, 4],
    [10, 110],
  ])('are uniform on %d … below %d, by χ²', (low, high) => {
    const bins = high - low;
    const count = 1000 * bins;
    const found = new Array<number>(bins).fill(0);
    for (const value of createRng(26).integers([count], low, high).data) found[value - low]! += 1;
    const chiSquare = found.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    // Mean bins − 1, variance 2 (bins − 1): five standard deviations.
    expect(chiSquare).toBeLessThan(bins - 1 + 5 * Math.sqrt(2 * (bins - 1)));
    expect(Math.min(...found)).toBeGreaterThan(0);
  });

  it('reach both ends of int32', () => {
    const values = createRng(27).integers([1000], -(2 ** 31), 2 ** 31).data;
    expect(values.filter((value) => value < 0).length).toBeGreaterThan(400);
    expect(values.filter((value) => value >= 0).length).toBeGreaterThan(400);
    expect([...createRng(27).integers([3], 2 ** 31 - 1, 2 ** 31).data]).toEqual(
      new Array(3).fill(2 ** 31 - 1),
    );
  });

  it.each([
    [0, 0],
    [0.5, 3],
    [0, 2 ** 31 + 1],
    [-(2 ** 31) - 1, 0],
  ])('refuse the range %d to %d', (low, high) => {
    expect(() => createRng(0).integers([1], low, high)).toThrow(/the range is.*whole numbers/);
  });
});

describe('permutation', () => {
  it('is a permutation', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.nat(), (size, seed) => {
        const order = [...createRng(seed).permutation(size)].sort((a, b) => a - b);
        expect(order).toEqual(Array.from({ length: size }, (_, i) => i));
      }),
    );
  });

  it('gives each of the 24 orders of 4 things equally often, by χ²', () => {
    const rng = createRng(28);
    const found = new Map<string, number>();
    const count = 24_000;
    for (let i = 0; i < count; i++) {
      const order = rng.permutation(4).join('');
      found.set(order, (found.get(order) ?? 0) + 1);
    }
    expect(found.size).toBe(24);
    const chiSquare = [...found.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(23 + 5 * Math.sqrt(46));
  });

  it('is one draw, apart from the other kinds of draws', () => {
    const rng = createRng(29);
    const first = rng.permutation(50);
    expect(rng.state().draws).toBe(1);
    expect(rng.permutation(50)).not.toEqual(first);
    expect(createRng(29).permutation(50)).toEqual(first);
  });

  it.each([-1, 1.5, Number.NaN])('refuses the size %d', (size) => {
    expect(() => createRng(0).permutation(size)).toThrow(/the size is/);
  });
});

describe('fork', () => {
  const numbersOf = (rng: Rng) => rng.normal([8]).data.join();

  it('gives the same stream again, whatever was drawn, and leaves this one as it is', () => {
    const rng = createRng(5);
    const before = numbersOf(rng.fork('x'));
    const state = rng.state();
    expect(numbersOf(rng.fork('x'))).toBe(before);
    expect(rng.state()).toEqual(state);
    rng.normal([3]);
    expect(numbersOf(rng.fork('x'))).toBe(before);
  });

  it('commutes with a shift of the items', () => {
    const rng = createRng(5);
    expect(numbersOf(rng.fork('x').fromItem(9))).toBe(numbersOf(rng.fromItem(9).fork('x')));
  });

  it('keeps labels apart', () => {
    const rng = createRng(5);
    const long = 'a label of more than eight bytes';
    const streams = [
      rng,
      rng.fork(''),
      rng.fork('a'),
      rng.fork('b'),
      rng.fork('ab'),
      rng.fork('ba'),
      rng.fork('a').fork('b'),
      rng.fork('b').fork('a'),
      rng.fork('a\0'),
      rng.fork('\0a'),
      rng.fork(1),
      rng.fork('1'),
      rng.fork('#1'),
      rng.fork(12),
      rng.fork(1).fork(2),
      rng.fork(1.5),
      rng.fork(long),
      rng.fork(`${long} `),
      rng.fork(long.slice(0, 7)).fork(long.slice(7)),
      rng.fork(long.slice(0, 8)).fork(long.slice(8)),
      rng.fork('α'),
      rng.fork('β'),
    ];
    expect(new Set(streams.map((stream) => stream.state().key.join())).size).toBe(streams.length);
  });

  it('never gives two labels one key', () => {
    const label = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.integer());
    fc.assert(
      fc.property(label, label, (a, b) => {
        const rng = createRng(1);
        const same = rng.fork(a).state().key.join() === rng.fork(b).state().key.join();
        expect(same).toBe(a === b);
      }),
    );
  });

  it('is independent of its parent and its siblings', () => {
    const count = 50_000;
    const rng = createRng(6);
    const [parent, one, other] = [
      rng.normal([count]),
      rng.fork(0).normal([count]),
      rng.fork(1).normal([count]),
    ];
    for (const [a, b] of [
      [parent, one],
      [one, other],
    ] as const) {
      const product = a.data.reduce((sum, value, i) => sum + value * b.data[i]!, 0) / count;
      expect(Math.abs(product)).toBeLessThan(4.5 / Math.sqrt(count));
    }
  });
});

describe('state', () => {
  it('goes on where it was, through JSON', () => {
    const rng = createRng(2 ** 53 - 1)
      .fork('training')
      .fromItem(12);
    rng.normal([5]);
    rng.permutation(3);
    const state: RngState = JSON.parse(JSON.stringify(rng.state()));
    const again = restoreRng(state);
    expect(again.state()).toEqual(rng.state());
    expect(again.normal([4, 3])).toEqual(rng.normal([4, 3]));
    expect(again.integers([4], 0, 9)).toEqual(rng.integers([4], 0, 9));
    expect(again.fork('x').uniform([4])).toEqual(rng.fork('x').uniform([4]));
  });

  it('is a copy', () => {
    const rng = createRng(1);
    const { key } = rng.state();
    (key as [number, number])[0] = 99;
    expect(rng.state().key).toEqual([1, 0]);
  });

  it.each([
    [{ key: [1], draws: 0, firstItem: 0 }],
    [{ key: [1, 2 ** 32], draws: 0, firstItem: 0 }],
    [{ key: [1, 2], draws: -1, firstItem: 0 }],
    [{ key: [1, 2], draws: 0.5, firstItem: 0 }],
    [{ key: [1, 2], draws: 0 }],
    [{ draws: 0, firstItem: 0 }],
    [null],
  ])('refuses %j', (state) => {
    expect(() => restoreRng(state as never)).toThrow(/the generator's state is/);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY])(
    'refuses the seed %d',
    (seed) => {
      expect(() => createRng(seed)).toThrow(/the seed is .*0 to 9007199254740991/);
    },
  );

  it.each([-1, 0.5, 2 ** 32])('refuses to start from item %d', (item) => {
    expect(() => createRng(0).fromItem(item)).toThrow(/the first item is/);
  });
});

/** The largest distance between the empirical and the given distribution function. */
function ksDistance(values: Float32Array, cdf: (x: number) => number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted.reduce((largest, value, i) => {
    const exact = cdf(value);
    const here = Math.max(exact - i / sorted.length, (i + 1) / sorted.length - exact);
    return Math.max(largest, here);
  }, 0);
}

/** Φ(x) by Simpson's rule on the density. */
function normalCdf(x: number): number {
  const steps = 64;
  const h = x / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((i * h) ** 2) / 2);
  }
  return 0.5 + (sum * h) / 3 / Math.sqrt(2 * Math.PI);
}
