import { createRng } from '@tweedie/core';

/** Choices that follow from a seed and an index. */
export interface Dice {
  /** A whole number 0 … count − 1. */
  below(count: number): number;
  /** True once in `times`. */
  oneIn(times: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
}

/** Dice of one input: what they give depends on nothing but the seed and the index. */
export function createDice(seed: number, index: number): Dice {
  const rng = createRng(seed).fork(index);
  let block = rng.uniform([0]).data;
  let used = 0;
  const next = () => {
    if (used === block.length) {
      block = rng.uniform([64]).data;
      used = 0;
    }
    return block[used++]!;
  };
  const below = (count: number) => Math.floor(next() * count);
  return {
    below,
    oneIn: (times) => below(times) === 0,
    pick: (items) => items[below(items.length)]!,
  };
}
