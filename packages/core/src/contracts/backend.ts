import type { JsonObject } from '../json.js';

/** A function of trees of tensors that depends on its arguments only. */
// biome-ignore lint/suspicious/noExplicitAny: the bound of a function type whose own types matter.
export type PureFunction = (...args: any[]) => any;

/** A pure step from a state to the next, which also takes inputs and reports outputs. */
export type ScanStep = (
  // biome-ignore lint/suspicious/noExplicitAny: the bound of a function type whose own types matter.
  carry: any,
  // biome-ignore lint/suspicious/noExplicitAny: the same.
  inputs: any,
) => { readonly carry: unknown; readonly outputs: unknown };

/** A pure function as a backend runs it: the same arguments and result, asynchronously. */
export interface Compiled<F extends PureFunction> {
  /** The arguments stay the caller's; the result is the caller's to dispose. */
  (...args: Parameters<F>): Promise<ReturnType<F>>;
  /** Frees what the backend holds for it. */
  dispose(): Promise<void>;
}

export interface BackendInfo {
  readonly name: string;
  readonly kind: 'eager' | 'compiled';
  /** What computes: 'cpu', 'gpu', 'wasm'. */
  readonly device: string;
  readonly details: JsonObject;
}

/** Where tensors are computed. */
export interface Backend {
  readonly name: string;
  /** The tfjs backend on which its arguments and results live. */
  readonly tensorBackend: string;
  describe(): BackendInfo;
  /**
   * Prepares a pure function to be called. A compiling backend traces it at the first call with each
   * set of shapes.
   */
  compile<F extends PureFunction>(fn: F): Compiled<F>;
  readonly capabilities: BackendCapabilities;
  dispose(): Promise<void>;
}

/** What only some backends do, on some devices. One that is absent is not supported. */
export interface BackendCapabilities {
  /**
   * Prepares a step to be run many times in one call, as jax.lax.scan does: the compiled
   * function takes the state and, stacked along a first axis, the inputs of all steps, and gives the
   * last state and the outputs of all, stacked alike. The same numbers as step by step, bit for bit.
   */
  scan?<F extends ScanStep>(step: F): Compiled<F>;
  /**
   * Compiles a function, which closes over its parameters, with its convolutions in int8: post-training
   * quantization.
   *
   * @param options.calibration arguments as the function will be given, from which the ranges of
   * int8 are taken; they stay the caller's
   * @throws TweedieError INVALID_VALUE for an empty calibration, or a function with no convolution to
   * quantize; NOT_FINITE
   */
  quantize?<F extends PureFunction>(
    fn: F,
    options: { readonly calibration: readonly Parameters<F>[] },
  ): Promise<Compiled<F>>;
}
