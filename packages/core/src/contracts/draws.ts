import type { Tensor } from '@tensorflow/tfjs-core';
import type { HostArray } from '../host-array.js';

/** All that is random in a training step, drawn on the host: times, noises, projections, masks. */
export type Draws = Readonly<Record<string, HostArray>>;
/** The same as tensors of a backend. */
export type TensorDraws = Readonly<Record<string, Tensor>>;
