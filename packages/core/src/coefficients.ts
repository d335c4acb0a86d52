import type { Coefficients, Level, Parameterization } from './contracts/index.js';

/**
 * The regression target of F, as a combination of data and noise: the F with
 * c_skip x_t + c_out F = x₀ is `data`·x₀ + `noise`·ε. In float64, so that no precision is lost
 * where c_out is small.
 */
export function targetCoefficients(
  parameterization: Parameterization,
  level: Level,
): { readonly data: number; readonly noise: number } {
  const { skip, out } = parameterization.coefficients(level);
  return { data: (1 - skip * level.alpha) / out, noise: (-skip * level.sigma) / out };
}

/**
 * What the network says of the score, ∇ ln p_t(x) = (αD − x)/σ² by Tweedie's formula, as the
 * coefficients of s(x) = `skip`·x + `out`·F(`in`·x; `noise`). With score prediction s is F itself.
 * Not finite at σ = 0, nor where the parameterization has no meaning.
 */
export function scoreCoefficients(parameterization: Parameterization, level: Level): Coefficients {
  const { skip, out, in: scale, noise } = parameterization.coefficients(level);
  const precision = level.sigma ** -2;
  return {
    skip: (level.alpha * skip - 1) * precision,
    out: level.alpha * out * precision,
    in: scale,
    noise,
  };
}
