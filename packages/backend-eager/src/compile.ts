// The gradients of every backend are those that are right to second order.
import '@tweedie/autodiff';
import { engine, setBackend, tidy } from '@tensorflow/tfjs-core';
import {
  type Compiled,
  flattenTree,
  type PureFunction,
  type TreeStructure,
  TweedieError,
} from '@tweedie/core';

/**
 * A pure function that runs without compiling on the named tfjs backend: what it computes on the way is
 * freed, what it returns is kept.
 */
export function runOn<F extends PureFunction>(backendName: string, fn: F): Compiled<F> {
  const compiled = async (...args: Parameters<F>): Promise<ReturnType<F>> => {
    if (engine().backendName !== backendName) await setBackend(backendName);
    // Clones share their data: whatever fn returns, an argument or a tensor from outside among it,
    // the caller gets tensors of its own.
    let structure: TreeStructure | undefined;
    const leaves = tidy(() => {
      const result: unknown = fn(...args);
      refusePromise(result);
      const tree = flattenTree(result);
      structure = tree.structure;
      return tree.leaves.map((leaf) => leaf.clone());
    });
    return structure?.unflatten(leaves) as ReturnType<F>;
  };
  return Object.assign(compiled, { dispose: async () => {} });
}

function refusePromise(result: unknown): void {
  if (typeof result !== 'object' || result === null || !('then' in result)) return;
  (result as Promise<unknown>).then(undefined, () => {});
  throw new TweedieError({
    code: 'IMPURE_FUNCTION',
    package: 'backend-eager',
    given: 'a compiled function returns a promise',
    allowed: 'functions that return tensors at once',
  });
}
