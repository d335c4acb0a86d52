import type { Tensor } from '@tensorflow/tfjs-core';
import { TweedieError } from './errors.js';

/** Tensors in nested arrays and objects: what a pure function takes and gives. */
export type TensorTree =
  | Tensor
  | undefined
  | readonly TensorTree[]
  | { readonly [key: string]: TensorTree };

/** A tree's shape without its leaves; equal structures have equal `key`s. */
export interface TreeStructure {
  readonly key: string;
  /** Rebuilds the tree around new leaves, in the order in which `flattenTree` gave the old ones. */
  unflatten<Leaf>(leaves: readonly Leaf[]): unknown;
}

type Node =
  | { kind: 'leaf' }
  | { kind: 'none' }
  | { kind: 'list'; items: Node[] }
  | { kind: 'record'; keys: string[]; items: Node[] };

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  // A record of another realm has that realm's Object.prototype, which has no prototype either.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'object' && value !== null)
    return `a ${value.constructor?.name ?? 'object'}`;
  return String(value);
}

function isLeaf(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'dataId' in value && 'shape' in value;
}

/**
 * Splits a tree into its leaves (depth first, record keys in sorted order) and its structure.
 *
 * @throws TweedieError INVALID_VALUE when a value is neither a tensor, an array, a plain record nor
 * undefined
 */
export function flattenTree(tree: unknown): { leaves: Tensor[]; structure: TreeStructure } {
  const leaves: Tensor[] = [];
  const walk = (value: unknown, path: string): Node => {
    if (value === undefined) return { kind: 'none' };
    if (isLeaf(value)) {
      leaves.push(value as Tensor);
      return { kind: 'leaf' };
    }
    if (Array.isArray(value)) {
      return { kind: 'list', items: value.map((item, i) => walk(item, `${path}[${i}]`)) };
    }
    if (isRecord(value)) {
      const keys = Object.keys(value).sort();
      return {
        kind: 'record',
        keys,
        items: keys.map((key) => walk(value[key], `${path}.${key}`)),
      };
    }
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'core',
      given: `${path} is ${describe(value)}`,
      allowed: 'tensors in nested arrays and records',
      fix: 'pass numbers that change as scalar tensors, and close over numbers that do not',
    });
  };
  const root = walk(tree, 'the value');
  return { leaves, structure: structureOf(root) };
}

function structureOf(root: Node): TreeStructure {
  return {
    key: JSON.stringify(root),
    unflatten(leaves) {
      let next = 0;
      const build = (node: Node): unknown => {
        if (node.kind === 'leaf') return leaves[next++];
        if (node.kind === 'none') return undefined;
        if (node.kind === 'list') return node.items.map(build);
        return Object.fromEntries(node.keys.map((key, i) => [key, build(node.items[i]!)]));
      };
      return build(root);
    },
  };
}
