import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { flattenTree, type HostArray, recordOf, TweedieError } from '@tweedie/core';

/**
 * A tensor on the active backend, int32 for whole numbers and else float32; the caller's to dispose.
 * A backend may go on using the array's memory, so leave it as it is while the tensor lives.
 */
export function toTensor(host: HostArray): Tensor {
  const dtype = host.data instanceof Int32Array ? 'int32' : 'float32';
  return tensor(host.data, [...host.shape], dtype);
}

/** The same for each entry of a record. */
export function toTensors(hosts: Readonly<Record<string, HostArray>>): Record<string, Tensor> {
  return recordOf(Object.entries(hosts).map(([name, host]) => [name, toTensor(host)]));
}

/**
 * A copy of a tensor's values in plain memory, booleans as int32; the tensor stays.
 *
 * @throws TweedieError UNSUPPORTED for strings and complex numbers
 */
export async function toHost(source: Tensor): Promise<HostArray> {
  const shape = [...source.shape];
  switch (source.dtype) {
    case 'float32':
      return { data: Float32Array.from(await source.data<'float32'>()), shape };
    case 'int32':
    case 'bool':
      return { data: Int32Array.from(await source.data<'int32'>()), shape };
    default:
      throw new TweedieError({
        code: 'UNSUPPORTED',
        package: 'autodiff',
        given: `the tensor's type is ${source.dtype}`,
        allowed: 'float32, int32, bool',
      });
  }
}

/** Disposes of every tensor of a tree; one that stands in it twice, or is disposed already, is no error. */
export function disposeTree(tree: unknown): void {
  for (const leaf of flattenTree(tree).leaves) leaf.dispose();
}
