import {
  engine,
  getKernelsForBackend,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { env } from './jasmine.js';

/** A tensor's values, kept apart from it. */
export interface Snapshot {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: number[];
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** One call of a kernel: what it took, what it gave on the cpu backend, and the first spec that made it. */
interface RecordedCall {
  readonly inputs: readonly (readonly [name: string, input: Snapshot | Snapshot[]])[];
  readonly outputs: readonly Snapshot[];
  readonly spec: string;
}

/** The different calls of a kernel with the same attributes, shapes and types. */
export interface RecordedKernel {
  readonly kernelName: string;
  readonly attributes: NamedAttrMap | undefined;
  readonly calls: Map<string, RecordedCall>;
}

type RunKernel = (name: string, inputs: NamedTensorMap, attributes?: NamedAttrMap) => unknown;

/** Larger tensors are left out: none of them is there for a case of its own. */
const MOST_ELEMENTS = 20_000;

export const recorded = new Map<string, RecordedKernel>();
export const counts = { calls: 0, stringsOrComplex: 0, large: 0 };

const kernelsOfTfjs = new Set(getKernelsForBackend('cpu').map(({ kernelName }) => kernelName));
const isKnown = (name: string) => kernelsOfTfjs.has(name) || name.startsWith('Tweedie');

let spec = '';
env.addReporter({
  specStarted({ fullName }) {
    spec = fullName.replace(' cpu {}', '');
  },
});

const instance = engine() as unknown as { runKernel: RunKernel; readonly backendName: string };
const runKernel = instance.runKernel.bind(instance);

instance.runKernel = (kernelName, inputs, attributes) => {
  // Some specs register backends and kernels of their own.
  if (instance.backendName !== 'cpu' || !isKnown(kernelName))
    return runKernel(kernelName, inputs, attributes);
  // Before the call, since there are kernels that write into their input.
  const taken = Object.entries(inputs)
    .filter(([, input]) => input !== undefined && input !== null)
    .map(([name, input]) => [name, snapshots(input)] as const);
  const result = runKernel(kernelName, inputs, attributes) as Tensor | Tensor[];
  counts.calls++;
  const outputs = [result].flat().map(snapshot);
  const all = [...taken.flatMap(([, input]) => input), ...outputs];
  if (all.includes('large')) counts.large++;
  else if (all.includes('not numbers')) counts.stringsOrComplex++;
  else record(kernelName, attributes, { inputs: taken, outputs, spec } as RecordedCall);
  return result;
};

/** Kernels run as they are from now on. */
export function stopRecording(): void {
  instance.runKernel = runKernel;
}

type Kept = Snapshot | 'large' | 'not numbers';

const snapshots = (input: Tensor | Tensor[]): Kept | Kept[] =>
  Array.isArray(input) ? input.map(snapshot) : snapshot(input);

function snapshot({ dtype, shape, size, dataId }: Tensor): Kept {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') return 'not numbers';
  if (size > MOST_ELEMENTS) return 'large';
  const values = engine().readSync(dataId) as Snapshot['values'];
  return { dtype, shape: [...shape], values: values.slice() };
}

function record(
  kernelName: string,
  attributes: NamedAttrMap | undefined,
  call: RecordedCall,
): void {
  const types = call.inputs.map(([name, input]) => [
    name,
    [input].flat().map(({ dtype, shape }) => [dtype, shape]),
  ]);
  const key = JSON.stringify([kernelName, attributes, types]);
  const kernel = recorded.get(key) ?? { kernelName, attributes, calls: new Map() };
  recorded.set(key, kernel);
  const values = call.inputs
    .flatMap(([, input]) => [input].flat())
    .map(({ values }) => `${values}`);
  const valuesKey = values.join(';');
  if (!kernel.calls.has(valuesKey)) kernel.calls.set(valuesKey, call);
}
