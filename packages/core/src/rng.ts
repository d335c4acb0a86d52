import { TweedieError } from './errors.js';
import { checkShape, type FloatArray, hostArray, type IntArray, sizeOf } from './host-array.js';
import { philox4x32 } from './philox.js';

/** The whole state of a stream: a key, the number of draws made, and the first item's index. */
export interface RngState {
  readonly key: readonly [number, number];
  readonly draws: number;
  readonly firstItem: number;
}

/**
 * A stream of random numbers, addressed and not consumed: the number at (key, draw, item, element)
 * is a fixed function of these four. The first axis of a shape counts items, so item i of a batch
 * gets the same numbers whatever the batch size is. Each call of `normal`, `uniform` or `integers`
 * is one draw; two streams forked under different labels are independent.
 */
export interface Rng {
  /** An independent stream; the same label gives the same stream again. Leaves this one as it is. */
  fork(label: string | number): Rng;
  /**
   * The same stream seen from item `index`: its item 0 is this stream's item `index`. Items are
   * counted by 32 bits.
   */
  fromItem(index: number): Rng;
  /** Standard normal numbers, float32 of the given shape. */
  normal(shape: readonly number[]): FloatArray;
  /**
   * Uniform in [low, high), float32; by default [0, 1) on a grid of 2⁻²⁴. On other ranges rounding
   * to float32 may give `high` itself.
   */
  uniform(shape: readonly number[], low?: number, high?: number): FloatArray;
  /** Whole numbers low … high − 1 of int32. The bias is below (high − low)·2⁻³². */
  integers(shape: readonly number[], low: number, high: number): IntArray;
  /** The numbers 0 … size − 1 in random order (one draw). */
  permutation(size: number): Int32Array;
  state(): RngState;
}

/** Words 3 of the counter, which keep the uses of a key apart. */
const DRAW = 0;
const FORK = 0xffffffff;
const PERMUTE = 0x80000000;

/**
 * A stream from a seed.
 *
 * @param seed a whole number 0 … 2⁵³ − 1
 * @throws TweedieError INVALID_VALUE for any other seed
 */
export function createRng(seed: number): Rng {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'core',
      given: `the seed is ${seed}`,
      allowed: 'a whole number from 0 to 9007199254740991',
    });
  }
  return stream([seed >>> 0, Math.floor(seed / 2 ** 32)], 0, 0);
}

/**
 * Goes on from a saved state.
 *
 * @throws TweedieError INVALID_VALUE for what is no state
 */
export function restoreRng(state: RngState): Rng {
  // A state may come from a file, so its shape is not taken on trust.
  const { key, draws, firstItem }: Partial<RngState> = state ?? {};
  if (!Array.isArray(key) || key.length !== 2 || ![...key, draws, firstItem].every(isWord)) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'core',
      given: `the generator's state is ${JSON.stringify(state)}`,
      allowed: 'a state that `state()` returned',
    });
  }
  return stream([state.key[0], state.key[1]], state.draws, state.firstItem);
}

function isWord(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}

function stream(key: readonly [number, number], draws: number, firstItem: number): Rng {
  let drawn = draws;

  /** Fills `out` with words; item i, block b of this draw sit at the counter (b, firstItem + i, draw). */
  const words = (
    shape: readonly number[],
    use: (item: number, word: number, index: number) => void,
  ) => {
    const draw = drawn++;
    const count = sizeOf(shape);
    const items = shape.length === 0 ? 1 : shape[0]!;
    const perItem = items === 0 ? 0 : count / items;
    const block = new Uint32Array(4);
    for (let item = 0; item < items; item++) {
      for (let element = 0; element < perItem; element++) {
        const lane = element & 3;
        if (lane === 0) {
          philox4x32(element >>> 2, firstItem + item, draw, DRAW, key[0], key[1], block);
        }
        use(item, block[lane]!, item * perItem + element);
      }
    }
  };

  return {
    fork: (label) => stream(forkKey(key, label), 0, firstItem),

    fromItem(index) {
      if (!isWord(index) || !isWord(firstItem + index)) {
        throw new TweedieError({
          code: 'INVALID_VALUE',
          package: 'core',
          given: `the first item is ${firstItem} + ${index}`,
          allowed: 'whole numbers from 0 to 4294967295',
        });
      }
      return stream(key, drawn, firstItem + index);
    },

    normal(shape) {
      checkShape(shape);
      const count = sizeOf(shape);
      const data = new Float32Array(count);
      const draw = drawn++;
      const items = shape.length === 0 ? 1 : shape[0]!;
      const perItem = items === 0 ? 0 : count / items;
      const block = new Uint32Array(4);
      for (let item = 0; item < items; item++) {
        const base = item * perItem;
        for (let element = 0; element < perItem; element += 4) {
          philox4x32(element >>> 2, firstItem + item, draw, DRAW, key[0], key[1], block);
          // Box–Muller on two pairs; u is never 0, so the logarithm is finite.
          for (let pair = 0; pair < 4 && element + pair < perItem; pair += 2) {
            const radius = Math.sqrt(-2 * Math.log((block[pair]! + 0.5) * 2 ** -32));
            const angle = 2 * Math.PI * block[pair + 1]! * 2 ** -32;
            data[base + element + pair] = radius * Math.cos(angle);
            if (element + pair + 1 < perItem) {
              data[base + element + pair + 1] = radius * Math.sin(angle);
            }
          }
        }
      }
      return hostArray(data, shape);
    },

    uniform(shape, low = 0, high = 1) {
      if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) {
        throw invalidRange(low, high, 'finite numbers, low not above high');
      }
      checkShape(shape);
      const data = new Float32Array(sizeOf(shape));
      words(shape, (_item, word, index) => {
        data[index] = low + (high - low) * (word >>> 8) * 2 ** -24;
      });
      return hostArray(data, shape);
    },

    integers(shape, low, high) {
      if (
        !Number.isInteger(low) ||
        !Number.isInteger(high) ||
        high <= low ||
        low < -(2 ** 31) ||
        high > 2 ** 31
      ) {
        throw invalidRange(low, high, 'whole numbers of int32, low below high');
      }
      checkShape(shape);
      const data = new Int32Array(sizeOf(shape));
      words(shape, (_item, word, index) => {
        data[index] = low + Math.floor(word * 2 ** -32 * (high - low));
      });
      return hostArray(data, shape);
    },

    permutation(size) {
      if (!isWord(size)) {
        throw new TweedieError({
          code: 'INVALID_VALUE',
          package: 'core',
          given: `the size is ${size}`,
          allowed: 'a whole number of at least 0',
        });
      }
      const draw = drawn++;
      const order = Int32Array.from({ length: size }, (_, index) => index);
      const block = new Uint32Array(4);
      for (let last = size - 1; last > 0; last--) {
        philox4x32(last, firstItem, draw, PERMUTE, key[0], key[1], block);
        const other = Math.floor(block[0]! * 2 ** -32 * (last + 1));
        const held = order[last]!;
        order[last] = order[other]!;
        order[other] = held;
      }
      return order;
    },

    state: () => ({ key: [key[0], key[1]], draws: drawn, firstItem }),
  };
}

function invalidRange(low: number, high: number, allowed: string): TweedieError {
  return new TweedieError({
    code: 'INVALID_VALUE',
    package: 'core',
    given: `the range is ${low} to ${high}`,
    allowed,
  });
}

/** Absorbs a label into a key, eight bytes a block, by the generator itself. */
function forkKey(key: readonly [number, number], label: string | number): [number, number] {
  const bytes = new TextEncoder().encode(typeof label === 'number' ? `#${label}` : `$${label}`);
  const out = new Uint32Array(4);
  let k0 = key[0];
  let k1 = key[1];
  for (let at = 0; at < bytes.length; at += 8) {
    let low = 0;
    let high = 0;
    for (let i = 0; i < 4; i++) {
      low |= (bytes[at + i] ?? 0) << (8 * i);
      high |= (bytes[at + 4 + i] ?? 0) << (8 * i);
    }
    philox4x32(low, high, bytes.length - at, FORK, k0, k1, out);
    k0 = out[0]!;
    k1 = out[1]!;
  }
  return [k0, k1];
}
