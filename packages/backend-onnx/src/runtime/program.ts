import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { inputName } from '../model/encode.js';
import { outputName, type Trace } from '../trace/trace.js';
import type { TypedData } from './arguments.js';
import { createSession, loadRuntime, type RuntimeTensor, type SessionSettings } from './session.js';

/** A trace that can be run. */
export interface Program {
  /** @param data the elements of each argument @returns tensors on the cpu backend */
  run(data: readonly TypedData[]): Promise<unknown>;
  /** Frees the session as soon as no run needs it. */
  release(): Promise<void>;
}

export async function createProgram(trace: Trace, settings: SessionSettings): Promise<Program> {
  const runtime = await loadRuntime();
  const session = await createSession(runtime, trace.model, settings);
  const needed = new Set(session.inputNames);
  const inputs = trace.graph.inputs
    .map(({ type, shape }, index) => ({ name: inputName(index), type, shape, index }))
    .filter(({ name }) => needed.has(name));
  let running: Promise<void> = Promise.resolve();

  return {
    async run(data) {
      const feeds: Record<string, RuntimeTensor> = {};
      for (const { name, type, shape, index } of inputs) {
        feeds[name] = new runtime.Tensor(type, data[index] as Float32Array, shape);
      }
      const run = session.run(feeds);
      // Settles with the last run and holds no result.
      running = Promise.allSettled([running, run]).then(() => {});
      const results = await run;
      const backend = engine().findBackend('cpu');
      const tensors = trace.outputs.map(({ shape, type }, index): Tensor => {
        const values = results[outputName(index)]!.data as TypedData;
        return engine().makeTensor(values, [...shape], type as 'float32', backend);
      });
      return trace.structure.unflatten(tensors);
    },
    async release() {
      await running;
      await session.release();
    },
  };
}
