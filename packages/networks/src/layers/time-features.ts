import {
  concat,
  cos,
  log,
  mul,
  pad,
  reshape,
  sin,
  type Tensor,
  type Tensor2D,
  tensor1d,
} from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import type { Layer, Scope } from '../kit/declaration.js';
import { normal } from '../kit/initializers.js';
import { stopGradient } from './stop-gradient.js';

export interface SinusoidalSpec {
  /** Number of features; an odd number ends in a 0. */
  readonly size: number;
  /** cos before sin. */
  readonly flipSinToCos?: boolean;
  /** The last frequency is 10000^−((h − 1)/(h − shift)) for h = ⌊size/2⌋. */
  readonly freqShift?: number;
}

const maxPeriod = 10_000;

function times(time: Tensor, frequencies: Tensor): Tensor2D {
  return mul(reshape(time, [-1, 1]), reshape(frequencies, [1, -1]));
}

/**
 * Sines and cosines of the time at geometrically falling frequencies, [B] ↦ [B, size]. Vaswani et
 * al., "Attention is all you need" (2017), section 3.5, in the arrangement of diffusers'
 * get_timestep_embedding. Float32 keeps about 6e-8·time of phase.
 *
 * @throws TweedieError INVALID_OPTION when the size leaves no frequencies
 */
export function sinusoidal(spec: SinusoidalSpec): (time: Tensor) => Tensor2D {
  const { size, flipSinToCos = false, freqShift = 0 } = spec;
  const half = Math.floor(size / 2);
  if (half < 1 || half === freqShift) {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'networks',
      given: `a sinusoidal embedding of size ${size} with frequency shift ${freqShift}`,
      allowed: 'a size of at least 2 whose half is not the shift',
    });
  }
  let frequencies: Float32Array | undefined;
  return (time) => {
    // Not before they are used: a network that is only described allocates nothing.
    frequencies ??= Float32Array.from({ length: half }, (_, i) =>
      Math.exp((-Math.log(maxPeriod) * i) / (half - freqShift)),
    );
    const phases = times(time, tensor1d(frequencies));
    const waves = [sin(phases), cos(phases)];
    const features = concat(flipSinToCos ? waves.reverse() : waves, 1);
    if (size % 2 === 0) return features as Tensor2D;
    return pad(features, [
      [0, 0],
      [0, 1],
    ]) as Tensor2D;
  };
}

/**
 * Sines and cosines of 2πWu at random frequencies W ~ N(0, scale²), which stay as they were drawn:
 * u [B] ↦ [B, 2·frequencies]. Tancik et al., "Fourier features" (2020); Song et al. (2021).
 *
 * @param of u as a function of the time: itself or its logarithm
 */
export function gaussianFourier(
  scope: Scope,
  { frequencies, scale, of }: { frequencies: number; scale: number; of: 'time' | 'logarithm' },
): Layer {
  const weight = scope.parameter('weight', [frequencies], normal(scale));
  return (params, time) => {
    const u = of === 'time' ? time : log(time);
    const phases = mul(times(u, stopGradient(weight(params))), 2 * Math.PI);
    return concat([sin(phases), cos(phases)], 1);
  };
}
