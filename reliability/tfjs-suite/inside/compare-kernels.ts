import { engine, setBackend, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { onnxBackend, refusedKernels } from '@tweedie/backend-onnx';
import {
  counts,
  type RecordedKernel,
  recorded,
  type Snapshot,
  stopRecording,
} from './record-kernels.js';

/** Where a compiled kernel is not what the cpu backend is. */
interface KernelDifference {
  readonly kernelName: string;
  readonly spec: string;
  readonly what: string;
}

export interface KernelComparison {
  /** Calls of kernels in all specs, and those left out. */
  readonly calls: number;
  readonly stringsOrComplex: number;
  readonly large: number;
  /** Programs of one operation, one for each set of attributes, shapes and types. */
  readonly programs: number;
  /** Runs of them, one for each set of values. */
  readonly runs: number;
  /** Kernels of `refusedKernels` that specs called, and that were refused. */
  readonly refused: readonly string[];
  readonly differences: readonly KernelDifference[];
}

/** Of 1 and the root mean square of a result. */
const TOLERANCE = 1e-5;

/** Runs every recorded call compiled, and compares. */
export async function compareKernels(): Promise<KernelComparison> {
  stopRecording();
  await setBackend('cpu');
  const backend = onnxBackend({ threads: 1, worker: 'never', cacheSize: 1 });
  const refused = new Set<string>();
  const differences: KernelDifference[] = [];
  let runs = 0;
  for (const kernel of recorded.values()) {
    const compiled = backend.compile(kernelFunction(kernel));
    for (const { inputs, outputs, spec } of kernel.calls.values()) {
      const { kernelName } = kernel;
      const args = inputs.map(([, input]) =>
        Array.isArray(input) ? input.map(toTensor) : toTensor(input),
      );
      try {
        const results = [(await compiled(...args)) as Tensor | Tensor[]].flat();
        runs++;
        const what = difference(results, outputs);
        if (what !== undefined) differences.push({ kernelName, spec, what });
        for (const result of results) result.dispose();
      } catch (error) {
        if (Object.hasOwn(refusedKernels, kernelName)) refused.add(kernelName);
        else differences.push({ kernelName, spec, what: String(error) });
      }
      for (const argument of args.flat()) argument.dispose();
    }
    await compiled.dispose();
  }
  await backend.dispose();
  return { ...counts, programs: recorded.size, runs, refused: [...refused].sort(), differences };
}

function kernelFunction({ kernelName, attributes, calls }: RecordedKernel) {
  const [call] = calls.values();
  const names = call!.inputs.map(([name]) => name);
  return (...args: (Tensor | Tensor[])[]): Tensor | Tensor[] => {
    const inputs = Object.fromEntries(names.map((name, i) => [name, args[i]!]));
    return engine().runKernel(kernelName, inputs as Record<string, Tensor>, attributes);
  };
}

const toTensor = ({ values, shape, dtype }: Snapshot) => tensor(values, shape, dtype);

function difference(results: readonly Tensor[], expected: readonly Snapshot[]): string | undefined {
  const typeOf = ({ dtype, shape }: Tensor | Snapshot) => `${dtype}[${shape}]`;
  const [left, right] = [results, expected].map((list) => list.map(typeOf).join(' '));
  if (left !== right) return `${left} for ${right}`;
  for (const [i, { values }] of expected.entries()) {
    const actual = results[i]!.dataSync();
    const numbers = Array.from(values).filter(Number.isFinite);
    const meanSquare = numbers.reduce((sum, x) => sum + x * x, 0) / Math.max(1, numbers.length);
    const allowed = TOLERANCE * Math.max(1, Math.sqrt(meanSquare));
    const at = values.findIndex((value, place) => !isClose(actual[place]!, value, allowed));
    if (at >= 0) return `${actual[at]} for ${values[at]} at ${at}`;
  }
  return undefined;
}

const isClose = (a: number, b: number, allowed: number) =>
  a === b || (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= allowed;
