import { TweedieError } from '@tweedie/core';
import { mostSize } from '../kit/sizes.js';
import type { RefinenetOptions } from './options.js';
import type { Size } from './style.js';

/** Halved so often, the largest image is one pixel. */
const mostStages = 24;

/** One stage of the encoder, with its refinement block. */
export interface Stage {
  /** As the authors number it, from the full size down. */
  readonly name: string;
  /** As they number the refinement block that ends at this size, from the lowest up. */
  readonly refineName: string;
  readonly inputs: number;
  readonly features: number;
  readonly dilation: number;
  readonly size: Size;
}

/**
 * The stages from the full size down.
 *
 * @throws TweedieError INVALID_OPTION
 */
export function planStages(owner: string, options: RefinenetOptions): readonly Stage[] {
  const { ngf, multipliers, dilations } = options;
  const refuse = (given: string, allowed: string): never => {
    throw new TweedieError({
      code: 'INVALID_OPTION',
      package: 'networks',
      given: `${owner}: ${given}`,
      allowed,
    });
  };
  const isCount = (value: number) => Number.isInteger(value) && value >= 1 && value <= mostSize;
  const list = (values: readonly number[]) =>
    `[${values.slice(0, 10).join(', ')}${values.length > 10 ? `, … (${values.length})` : ''}]`;
  if (multipliers.length === 0 || multipliers.length > mostStages || !multipliers.every(isCount)) {
    refuse(
      `multipliers is ${list(multipliers)}`,
      `a whole number of at least 1 for each of 1 to ${mostStages} stages`,
    );
  }
  if (dilations.length !== multipliers.length || !dilations.every(isCount)) {
    refuse(
      `dilations is ${list(dilations)} and multipliers ${list(multipliers)}`,
      'as many dilations as multipliers, whole numbers of at least 1',
    );
  }
  if (dilations[0] !== 1) {
    refuse(
      `dilations begins with ${dilations[0]}`,
      '1 for the first stage, which has the full size',
    );
  }
  const { names, refineNames } = namesOf(multipliers.length);
  let size: Size = [options.sampleSize, options.sampleWidth ?? options.sampleSize];
  return multipliers.map((multiplier, i) => {
    const dilation = dilations[i]!;
    if (i > 0 && dilation === 1) size = [Math.ceil(size[0] / 2), Math.ceil(size[1] / 2)];
    return {
      name: names[i]!,
      refineName: refineNames.at(-1 - i)!,
      inputs: ngf * multipliers[Math.max(0, i - 1)]!,
      features: ngf * multiplier,
      dilation,
      size,
    };
  });
}

/** 1, 2, …; the authors' deepest network, of six stages, has a '31' after '3'. */
function namesOf(count: number): Readonly<Record<'names' | 'refineNames', readonly string[]>> {
  if (count === 6) {
    return { names: ['1', '2', '3', '31', '4', '5'], refineNames: ['1', '2', '31', '3', '4', '5'] };
  }
  const names = Array.from({ length: count }, (_, i) => `${i + 1}`);
  return { names, refineNames: names };
}
