import { engine, setBackend, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { flattenTree, type PureFunction, type TreeStructure, TweedieError } from '@tweedie/core';
import type { TracedFunction } from '../ir/computation.js';
import type { LeafType } from '../ir/element-type.js';
import { createGraph, type Dialect } from '../ir/graph.js';
import { firstDifference, sameComputation } from '../ir/same-computation.js';
import { optimize } from '../passes/optimize.js';
import { rowMajor, symbolic } from '../tensors/symbolic-tensor.js';
import { impure } from './impure.js';
import { refusedKernels } from './refused-kernels.js';
import { traceBackend } from './register.js';
import { at, userLine, withLongStacks } from './user-line.js';

export interface TraceRequest {
  readonly fn: PureFunction;
  readonly argumentTypes: readonly LeafType[];
  /** How the arguments are put together. */
  readonly structure: TreeStructure;
  readonly dialect: Dialect;
}

/**
 * Runs a function on symbols and records what it does. Tensors from outside that it touches become
 * constants.
 *
 * @throws TweedieError IMPURE_FUNCTION when it reads values, is asynchronous, or does something
 * else the second time (random numbers, counters); UNSUPPORTED for a tfjs kernel with no lowering
 */
export function trace(request: TraceRequest): TracedFunction {
  const recording = record(request);
  const again = record(request);
  if (!sameComputation(recording.outputs, again.outputs)) {
    throw impure({
      given: 'a compiled function is not the same when it is traced twice',
      fix: 'draw random numbers outside (and read clocks and counters there) and pass them as arguments',
      line: lineOfDifference(request, recording, again),
    });
  }
  return { ...optimize(recording), structure: recording.structure };
}

/** Where the first node comes from that was not the same: known from a third trace, which notes lines. */
function lineOfDifference(
  request: TraceRequest,
  a: TracedFunction,
  b: TracedFunction,
): string | undefined {
  const lines: (string | undefined)[] = [];
  record(request, lines);
  return lines[firstDifference(a.graph, b.graph)];
}

const record = (request: TraceRequest, lines?: (string | undefined)[]): TracedFunction =>
  withLongStacks(() => recordOnce(request, lines));

function recordOnce(
  { fn, argumentTypes, structure, dialect }: TraceRequest,
  lines: (string | undefined)[] | undefined,
): TracedFunction {
  const backend = traceBackend();
  const graph = createGraph(dialect);
  const activeBackend = engine().backendName ?? 'cpu';
  backend.begin(graph, lines);
  void setBackend(backend.name);
  // Not returned through `tidy`, which would search the whole graph for tensors.
  let recorded: TracedFunction | undefined;
  try {
    tidy(() => {
      const placeholders = argumentTypes.map(({ shape, type }) =>
        backend.tensorOf(symbolic(graph.input(type, shape))),
      );
      const result: unknown = fn(...(structure.unflatten(placeholders) as unknown[]));
      backend.checkNothingWasRefused();
      refusePromise(result);
      const tree = flattenTree(result);
      const outputs = tree.leaves.map((leaf: Tensor) => rowMajor(backend.symbolOf(leaf)));
      recorded = { graph, outputs, structure: tree.structure };
    });
    return recorded!;
  } catch (error) {
    throw explain(error);
  } finally {
    backend.end();
    void setBackend(activeBackend);
  }
}

function refusePromise(result: unknown): void {
  if (typeof result !== 'object' || result === null || !('then' in result)) return;
  (result as Promise<unknown>).then(undefined, () => {});
  throw impure({
    given: 'a compiled function returns a promise',
    fix: 'return tensors at once',
  });
}

/** tfjs says only that a kernel is not registered for a backend; this says why, and where. */
export function explain(error: unknown): unknown {
  const message = error instanceof Error ? error.message : '';
  const kernel = /^Kernel '(.+)' not registered for backend/.exec(message)?.[1];
  if (kernel === undefined) return error;
  const line = userLine((error as Error).stack);
  const refusal = refusedKernels[kernel];
  const given = `the kernel ${kernel} of tfjs${at(line)} cannot be compiled`;
  if (refusal?.isImpure === true) {
    return impure({ given: `${given}: ${refusal.reason}`, fix: refusal.fix, cause: error });
  }
  return new TweedieError({
    code: 'UNSUPPORTED',
    package: 'backend-onnx',
    given: refusal === undefined ? given : `${given}: ${refusal.reason}`,
    fix: refusal?.fix ?? `write the function without ${kernel}, or run it on an eager backend`,
    cause: error,
  });
}
