import type { HostParams, JsonObject, RngState } from '@tweedie/core';

/** Parameters in training, in plain memory. */
export interface ParameterState {
  /** The parameters as they are trained. */
  readonly params: HostParams;
  /** Their moving average, which is what samples best. */
  readonly ema: HostParams;
  /** The optimizer's vectors by name, each in the pieces of the parameters. */
  readonly slots: Readonly<Record<string, HostParams>>;
}

/** All of a training run between two steps, in plain memory; enough to go on from bit for bit. */
export interface TrainingState extends ParameterState {
  /** Updates done. */
  readonly step: number;
  /** The stream from which every step's numbers are forked. */
  readonly rng: RngState;
  /** What is being trained, and how. */
  readonly config: JsonObject;
  /** The same of the loss's own parameters; absent where it has none. */
  readonly loss?: ParameterState | undefined;
}
