import { type Tensor, tensor } from '@tensorflow/tfjs-core';
import { flattenTree, type HostArray } from '@tweedie/core';

/** A tensor on the active backend; int32 for whole numbers, else float32. The data is not copied. */
export function toTensor(host: HostArray): Tensor {
  const dtype = host.data instanceof Int32Array ? 'int32' : 'float32';
  return tensor(host.data, [...host.shape], dtype);
}

/** The same for each entry of a record. */
export function toTensors(hosts: Readonly<Record<string, HostArray>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, toTensor(host)]));
}

/** A tensor's values in plain memory; the tensor stays. Booleans come as int32. */
export async function toHost(source: Tensor): Promise<HostArray> {
  const data = await source.data();
  const shape = [...source.shape];
  if (source.dtype === 'float32') return { data: (data as Float32Array).slice(), shape };
  return { data: Int32Array.from(data as Int32Array), shape };
}

/** Disposes every tensor of a tree once. */
export function disposeTree(tree: unknown): void {
  for (const leaf of flattenTree(tree).leaves) if (!leaf.isDisposed) leaf.dispose();
}
