import {
  engine,
  type GradConfig,
  getBackend,
  getKernel,
  type NamedAttrMap,
  type NamedTensorMap,
  registerGradient,
  registerKernel,
  type Tensor,
  tidy,
  unregisterGradient,
} from '@tensorflow/tfjs-core';

/**
 * An operation that is one tfjs kernel: a backend that knows it lowers it as a whole, every other
 * runs the decomposition into plain operations.
 */
export interface Composite<Inputs extends NamedTensorMap, Attributes extends object> {
  readonly kernelName: string;
  decompose(inputs: Inputs, attributes: Attributes): Tensor | Tensor[];
}

/**
 * Runs a composite on the active backend. A backend without a kernel of that name gets one that
 * runs the decomposition; tfjs keeps kernels in one table for the whole process, so this happens
 * once a backend.
 */
export function runComposite<Inputs extends NamedTensorMap, Attributes extends object>(
  composite: Composite<Inputs, Attributes>,
  inputs: Inputs,
  attributes: Attributes,
): Tensor | Tensor[] {
  const { kernelName } = composite;
  const backendName = getBackend();
  if (getKernel(kernelName, backendName) === undefined) {
    registerKernel({
      kernelName,
      backendName,
      kernelFunc: (call) =>
        tidy(() => composite.decompose(call.inputs as Inputs, call.attrs as unknown as Attributes)),
    });
  }
  return engine().runKernel(kernelName, inputs, attributes as unknown as NamedAttrMap);
}

/** Registers a gradient in place of whatever was registered under its name. */
export function replaceGradient(config: GradConfig): void {
  try {
    unregisterGradient(config.kernelName);
  } catch {
    // There was none.
  }
  registerGradient(config);
}
