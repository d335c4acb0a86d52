import type { Tensor } from '@tensorflow/tfjs-core';
import type { Level } from '@tweedie/core';

/** A denoiser that holds tensors or a compiled program until it is disposed. */
export interface DisposableDenoiser {
  /**
   * E[x₀ | x_t = x]; the result is the caller's to dispose, and x stays the caller's.
   *
   * @param x [B, ...itemShape]
   * @throws TweedieError INVALID_SHAPE; NOT_FINITE at a level where a model's parameterization has no
   * meaning, such as noise prediction at α = 0; INVALID_VALUE after `dispose`
   */
  (x: Tensor, level: Level): Promise<Tensor>;
  /** Frees what it holds, but for what the caller passed as tensors. */
  dispose(): Promise<void>;
}
