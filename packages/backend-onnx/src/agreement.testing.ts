import { engine, setBackend, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { createRng, flattenTree, type PureFunction } from '@tweedie/core';
import { onnxBackend } from './backend.js';

/** For tests: what a function gives compiled, in either layout, beside what it gives on the eager cpu backend. */

const backends = [
  onnxBackend({ threads: 1, layout: 'auto' }),
  onnxBackend({ threads: 1, layout: 'standard' }),
];
let draws = 0;

/** Standard normal numbers, others at each call, the same in each run. */
export function normal(...shape: number[]): Tensor {
  return tensor(createRng(7).fork(draws++).normal(shape).data, shape);
}

/** Uniform numbers of [low, high). */
export function uniform(low: number, high: number, ...shape: number[]): Tensor {
  return tensor(createRng(8).fork(draws++).uniform(shape, low, high).data, shape);
}

/** Whole numbers low … high − 1. */
export function whole(low: number, high: number, ...shape: number[]): Tensor {
  return tensor(createRng(9).fork(draws++).integers(shape, low, high).data, shape, 'int32');
}

/** True or false with equal chance. */
export function coins(...shape: number[]): Tensor {
  const numbers = createRng(10).fork(draws++).integers(shape, 0, 2).data;
  return tensor(Array.from(numbers, Boolean), shape, 'bool');
}

export interface Agreement {
  readonly shapes: readonly (readonly number[])[];
  readonly types: readonly string[];
  /** The greatest difference of an element, over 1 and its tensor's root mean square. */
  readonly difference: number;
}

/**
 * @throws Error when the two results differ in structure, shape or type, or hold no element
 */
export async function agreement(fn: PureFunction, ...args: unknown[]): Promise<Agreement> {
  await setBackend('cpu');
  let structure = '';
  const expected = tidy(() => {
    const tree = flattenTree(fn(...args));
    structure = tree.structure.key;
    return tree.leaves.map((leaf) => leaf.clone());
  });
  const differences: number[] = [];
  for (const backend of backends) {
    const compiled = backend.compile(fn);
    const actual = flattenTree(await compiled(...args));
    await compiled.dispose();
    if (engine().backendName !== 'cpu') throw new Error('the active backend was changed');
    if (actual.structure.key !== structure) throw new Error('the structures differ');
    actual.leaves.forEach((leaf, i) => {
      const reference = expected[i]!;
      const [left, right] = [describe(leaf), describe(reference)];
      if (left !== right) throw new Error(`compiled gave ${left}, eager ${right}`);
      differences.push(distance(leaf.dataSync(), reference.dataSync()));
      leaf.dispose();
    });
  }
  const shapes = expected.map((leaf) => leaf.shape);
  const types = expected.map((leaf) => leaf.dtype);
  for (const leaf of expected) leaf.dispose();
  return { shapes, types, difference: Math.max(0, ...differences) };
}

const describe = ({ dtype, shape }: Tensor) => `${dtype}[${shape}]`;

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const numbers = Array.from(b).filter(Number.isFinite);
  const meanSquare = numbers.reduce((sum, x) => sum + x * x, 0) / Math.max(1, numbers.length);
  const scale = Math.max(1, Math.sqrt(meanSquare));
  let worst = 0;
  for (let i = 0; i < b.length; i++) {
    if (Object.is(a[i], b[i]) || a[i] === b[i]) continue;
    const gap = Math.abs(a[i]! - b[i]!) / scale;
    worst = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(worst, gap);
  }
  return worst;
}
