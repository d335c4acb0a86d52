import {
  engine,
  getBackend,
  getKernel,
  type NamedAttrMap,
  type NamedTensorMap,
  registerKernel,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';

/**
 * An operation that is one tfjs kernel: a backend that has a kernel of that name runs it as a whole,
 * every other runs the decomposition into plain operations.
 */
export interface Composite<
  Inputs extends object,
  Attributes extends object,
  Output extends Tensor | readonly Tensor[] = Tensor,
> {
  readonly kernelName: string;
  decompose(inputs: Inputs, attributes: Attributes): Output;
}

/**
 * Runs a composite on the active backend. A backend without a kernel of that name gets one that
 * runs the decomposition; tfjs keeps kernels in one table for the whole process, so this happens
 * once a backend.
 */
export function runComposite<
  Inputs extends object,
  Attributes extends object,
  Output extends Tensor | readonly Tensor[],
>(
  { kernelName, decompose }: Composite<Inputs, Attributes, Output>,
  inputs: Inputs,
  attributes: Attributes,
): Output {
  const backendName = getBackend();
  if (getKernel(kernelName, backendName) === undefined) {
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: (call) =>
        tidy(() => decompose(call.inputs as Inputs, call.attrs as Attributes) as Tensor | Tensor[]),
    });
  }
  return engine().runKernel(
    kernelName,
    inputs as NamedTensorMap,
    attributes as NamedAttrMap,
  ) as unknown as Output;
}
