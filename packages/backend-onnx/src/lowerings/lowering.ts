import type { Graph } from '../ir/graph.js';
import type { SymbolicTensor } from '../tensors/symbolic-tensor.js';

/** One call of a tfjs kernel during a trace. */
export interface KernelCall<Attributes> {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, SymbolicTensor>>;
  readonly attributes: Attributes;
}

/** How a tfjs kernel is written in ONNX. */
export interface Lowering {
  readonly kernelName: string;
  lower(call: KernelCall<never>): SymbolicTensor | readonly SymbolicTensor[];
}

/** A lowering; `Attributes` is what tfjs passes to the kernel beside its inputs. */
export function lowering<Attributes = object>(
  kernelName: string,
  lower: (call: KernelCall<Attributes>) => SymbolicTensor | readonly SymbolicTensor[],
): Lowering {
  return { kernelName, lower: lower as Lowering['lower'] };
}

/** The inputs of a kernel that takes a list, in order. */
export function listOf(call: KernelCall<unknown>): readonly SymbolicTensor[] {
  return Object.values(call.inputs);
}
