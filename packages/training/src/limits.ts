import { TweedieError } from '@tweedie/core';

/**
 * What a checkpoint or another safetensors file may ask for, so that a small one cannot take much memory
 * or time. The decoders check them before they allocate, and take memory and time in proportion to the
 * bytes that they are given. `decodeSafetensors` takes `limits` with the numbers to change.
 */
export const safetensorsLimits = {
  /** Bytes of the header, metadata included; the reference implementation takes 100,000,000. */
  headerBytes: 2 ** 24,
  /** Tensors of a file, and texts of its metadata. */
  tensors: 2 ** 16,
  /** Axes of a tensor. */
  axes: 64,
  /** Objects and lists inside one another in the header; the reference's own limit. */
  nesting: 128,
} as const;
export type SafetensorsLimits = { readonly [Name in keyof typeof safetensorsLimits]: number };

/**
 * All limits, with some changed.
 *
 * @throws TweedieError INVALID_OPTION for a limit that is no number of at least 0
 */
export function withLimits(changed: Partial<SafetensorsLimits>): SafetensorsLimits {
  for (const [name, value] of Object.entries(changed)) {
    if (Object.hasOwn(safetensorsLimits, name) && value >= 0) continue;
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'training',
      given: `the limit '${name}' is ${value}`,
      allowed: `a number of at least 0 for ${Object.keys(safetensorsLimits).join(', ')}`,
    });
  }
  return { ...safetensorsLimits, ...changed };
}

/**
 * Refuses what asks for more than a limit.
 *
 * @param given what asks for how much: 'x.safetensors: it has 9 tensors'
 * @throws TweedieError UNSUPPORTED
 */
export function checkLimit(
  name: keyof SafetensorsLimits,
  value: number,
  limits: SafetensorsLimits,
  given: string,
): void {
  if (value <= limits[name]) return;
  throw new TweedieError({
    code: 'UNSUPPORTED',
    package: 'training',
    given,
    allowed: `at most ${limits[name]}`,
    fix: `if it is trusted, raise the limit '${name}'`,
  });
}
