import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { encodeModel, numberedNames } from '../model/encode.js';
import type { Trace } from '../trace/trace.js';
import type { Argument, TypedData } from './arguments.js';
import { createSession, loadRuntime, type RuntimeTensor, type SessionSettings } from './session.js';

/** A trace that can be run. */
export interface Program {
  /** @returns tensors on the backend where it keeps them */
  run(args: readonly Argument[]): Promise<unknown>;
  /** Frees the session; no run may be under way. */
  release(): Promise<void>;
}

export async function createProgram(trace: Trace, settings: SessionSettings): Promise<Program> {
  const runtime = await loadRuntime(settings.device);
  const names = numberedNames(trace);
  const session = await createSession(runtime, encodeModel(trace, names), settings);
  const needed = new Set(session.inputNames);
  const inputs = trace.graph.inputs
    .map(({ type, shape }, index) => ({ name: names.inputs[index]!, type, shape, index }))
    .filter(({ name }) => needed.has(name));
  const outputs = trace.outputs.map(({ type, shape }, index) => ({
    name: names.outputs[index]!,
    type: type as 'float32',
    shape,
  }));
  // The trace itself, with its constants, is not kept.
  const { structure } = trace;

  return {
    async run(args) {
      const feeds: Record<string, RuntimeTensor> = {};
      for (const { name, type, shape, index } of inputs) {
        feeds[name] = new runtime.Tensor(type, args[index] as Float32Array, shape);
      }
      const results = await session.run(feeds);
      const backend = engine().findBackend('cpu');
      const tensors = outputs.map(({ name, type, shape }): Tensor => {
        const values = results[name]!.data as TypedData;
        return engine().makeTensor(values, [...shape], type, backend);
      });
      return structure.unflatten(tensors);
    },
    release: () => session.release(),
  };
}
