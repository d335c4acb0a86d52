import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import type { TracedFunction } from '../ir/computation.js';
import type { Value } from '../ir/graph.js';
import { encodeModel, numberedNames } from '../onnx/encode-model.js';
import { encodeScan, type ScanShape, scannedShape } from '../onnx/encode-scan.js';
import { createSessionFor, type WorkerSettings } from '../sessions/create-session.js';
import { loadRuntime } from '../sessions/runtime.js';
import type { RuntimeTensor } from '../sessions/session.js';
import type { Argument, TypedData } from './arguments.js';
import { workOf } from './work.js';

/** A trace that can be run. */
export interface Program {
  /** @returns tensors on the backend where it keeps them */
  run(args: readonly Argument[]): Promise<unknown>;
  /** Whether it can never run again, since the thread that held it is gone. */
  readonly isLost?: boolean;
  /** Frees the session; no run may be under way. */
  release(): Promise<void>;
}

/** @param scan runs the trace once for each entry of its inputs */
export async function createProgram(
  trace: TracedFunction,
  settings: WorkerSettings,
  scan?: ScanShape,
): Promise<Program> {
  const runtime = await loadRuntime(settings.device);
  const names = numberedNames(trace);
  const model = scan === undefined ? encodeModel(trace, names) : encodeScan(trace, names, scan);
  const work = workOf(trace) * (scan?.steps ?? 1);
  const session = await createSessionFor(work, runtime, model, settings).catch(refused('accept'));
  const shapeOf = (value: Value, index: number) =>
    scan === undefined ? value.shape : scannedShape(value, index, scan);
  const needed = new Set(session.inputNames);
  const inputs = trace.graph.inputs
    .map((value, index) => {
      return { name: names.inputs[index]!, type: value.type, shape: shapeOf(value, index), index };
    })
    .filter(({ name }) => needed.has(name));
  const outputs = trace.outputs.map((value, index) => ({
    name: names.outputs[index]!,
    type: value.type as 'float32',
    shape: shapeOf(value, index),
  }));
  // The trace itself, with its constants, is not kept.
  const { structure } = trace;

  return {
    async run(args) {
      const feeds: Record<string, RuntimeTensor> = {};
      for (const { name, type, shape, index } of inputs) {
        feeds[name] = new runtime.Tensor(type, args[index] as Float32Array, shape);
      }
      const results = await session.run(feeds).catch(refused('run'));
      const backend = engine().findBackend('cpu');
      const tensors = outputs.map(({ name, type, shape }): Tensor => {
        const values = results[name]!.data as TypedData;
        return engine().makeTensor(values, [...shape], type, backend);
      });
      return structure.unflatten(tensors);
    },
    get isLost() {
      return session.isLost === true;
    },
    release: () => session.release(),
  };
}

/** The runtime's own errors say what happened inside; this says to whom. */
const refused = (what: 'accept' | 'run') => (cause: unknown) => {
  if (TweedieError.isInstance(cause)) throw cause;
  throw new TweedieError({
    code: 'UNSUPPORTED',
    package: 'backend-onnx',
    given: `the runtime did not ${what} a compiled function (${cause instanceof Error ? cause.message : cause})`,
    fix: "where memory is short, a smaller batch or arena: false; else layout: 'standard', or an eager backend",
    cause,
  });
};
