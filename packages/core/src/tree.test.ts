import type { Tensor } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flattenTree } from './tree.js';

/** What the tree functions see of a tensor. */
const leaf = (id: number): Tensor => ({ dataId: { id }, shape: [id] }) as never;

const trees = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.nat().map(leaf),
    fc.constant(undefined),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 5 }), tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).tree;

describe('flattenTree', () => {
  it('splits a tree and puts it together again', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const { leaves, structure } = flattenTree(tree);
        expect(structure.unflatten(leaves)).toStrictEqual(tree);
        const names = leaves.map((_, i) => `leaf ${i}`);
        const again = flattenTree(structure.unflatten(leaves));
        expect(again.leaves).toEqual(leaves);
        expect(again.structure.key).toBe(structure.key);
        expect(countTexts(structure.unflatten(names))).toBe(leaves.length);
      }),
    );
  });

  it('goes depth first, records in the order of their sorted keys', () => {
    const [a, b, c, d] = [1, 2, 3, 4].map(leaf) as [Tensor, Tensor, Tensor, Tensor];
    const { leaves, structure } = flattenTree({ y: [c, undefined, { q: d }], x: b, a });
    expect(leaves).toEqual([a, b, c, d]);
    expect(leaves[0]).toBe(a);
    expect(structure.unflatten([1, 2, 3, 4])).toEqual({ a: 1, x: 2, y: [3, undefined, { q: 4 }] });
  });

  it('tells structures apart, and equal ones not', () => {
    const one = leaf(1);
    const keys = [
      one,
      [one],
      [[one]],
      { a: one },
      { b: one },
      { a: one, b: undefined },
      [one, undefined],
      [undefined, one],
      undefined,
      [],
      {},
    ].map((tree) => flattenTree(tree).structure.key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(flattenTree({ a: one, b: leaf(5) }).structure.key).toBe(
      flattenTree({ b: one, a: leaf(2) }).structure.key,
    );
  });

  it.each([
    [{ a: [3] }, /the value\.a\[0\] is the number 3/],
    [['x'], /the value\[0\] is x/],
    [null, /the value is null/],
    [true, /the value is true/],
    [() => 1, /tensors in nested arrays and records/],
    [{ a: new Map() }, /the value\.a is a Map/],
    [[new Date(0)], /the value\[0\] is a Date/],
    [new Float32Array(2), /the value is a Float32Array/],
  ])('refuses %o', (tree, message) => {
    expect(() => flattenTree(tree)).toThrow(message);
    expect(() => flattenTree(tree)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
  });

  it('takes records without a prototype', () => {
    const record = Object.assign(Object.create(null), { a: leaf(1) });
    expect(flattenTree(record).leaves).toHaveLength(1);
  });
});

function countTexts(tree: unknown): number {
  if (typeof tree === 'string') return 1;
  if (typeof tree !== 'object' || tree === null) return 0;
  return Object.values(tree).reduce<number>((sum, item) => sum + countTexts(item), 0);
}
