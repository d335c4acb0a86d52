import { engine, registerBackend, registerKernel, type TensorInfo } from '@tensorflow/tfjs-core';
import { lowerings } from '../lowerings/index.js';
import type { KernelCall } from '../lowerings/lowering.js';
import type { SymbolicTensor } from '../tensors/symbolic-tensor.js';
import { TraceBackend } from './trace-backend.js';

let registered: TraceBackend | undefined;

/** The one trace backend of this package, with every lowering registered as a kernel of it. */
export function traceBackend(): TraceBackend {
  if (registered !== undefined) return registered;
  const backend = new TraceBackend(freeName());
  registerBackend(backend.name, () => backend, 0);
  for (const { kernelName, lower } of lowerings) {
    registerKernel({
      kernelName,
      backendName: backend.name,
      kernelFunc({ inputs, attrs }) {
        const symbols: Record<string, SymbolicTensor> = {};
        for (const [name, tensor] of Object.entries(inputs)) {
          // Optional inputs are passed as undefined or null.
          if (tensor) symbols[name] = backend.symbolOf(tensor as TensorInfo);
        }
        const call = { graph: backend.graph, inputs: symbols, attributes: attrs ?? {} };
        const result = lower(call as KernelCall<never>);
        backend.note();
        return Array.isArray(result)
          ? result.map((symbol: SymbolicTensor) => backend.infoOf(symbol))
          : backend.infoOf(result as SymbolicTensor);
      },
    });
  }
  registered = backend;
  return backend;
}

/** tfjs has one table of backends for the process; another copy of this package has its own entry. */
function freeName(): string {
  const taken = engine().backendNames();
  let name = 'tweedie-trace';
  for (let copy = 2; taken.includes(name); copy++) name = `tweedie-trace-${copy}`;
  return name;
}
