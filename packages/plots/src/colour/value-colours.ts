import { checkRange, refuseOption } from '../problems.js';
import type { Range } from '../range.js';
import { hexColour, type RampName, type Rgb, rampColour, rampNames } from './ramps.js';

/** How values become colours. */
export interface ValueColours {
  /** Colour map; 'viridis' unless given. */
  readonly ramp?: RampName | undefined;
  /** Values at the ends of the map, beyond which it is clipped; the values' own range unless given. */
  readonly domain?: Range | undefined;
  readonly scale?: 'linear' | 'log' | undefined;
}

/** The colour map of a mark and the values at its ends, for a colour bar. */
export interface ColourScale {
  readonly ramp: RampName;
  readonly domain: Range;
  readonly kind: 'linear' | 'log';
}

/**
 * The colour scale of a mark's values. A diverging map without a domain is centred on zero.
 *
 * @throws TweedieError UNKNOWN_NAME, INVALID_VALUE (an empty domain; a log scale at or below 0)
 */
export function colourScale(
  mark: string,
  options: ValueColours,
  range: Range | undefined,
): ColourScale {
  const ramp = options.ramp ?? 'viridis';
  if (!rampNames.includes(ramp)) {
    throw refuseOption('UNKNOWN_NAME', `${mark}: the colour map is '${ramp}'`, rampNames);
  }
  const kind = options.scale ?? 'linear';
  const domain = options.domain ?? ownDomain(ramp, range ?? [0, 1]);
  checkRange(`${mark}: the domain of its colours`, domain);
  if (kind === 'log' && domain[0] <= 0) {
    throw refuseOption(
      'INVALID_VALUE',
      `${mark}: the domain of its colours is [${domain.join(', ')}] on a log scale`,
      'numbers above 0',
      'give a domain that begins above 0, or use a linear scale',
    );
  }
  return { ramp, domain, kind };
}

function ownDomain(ramp: RampName, [low, high]: Range): Range {
  if (ramp === 'diverging') {
    const reach = Math.max(Math.abs(low), Math.abs(high)) || 1;
    return [-reach, reach];
  }
  if (low < high) return [low, high];
  return [low - 0.5, low + 0.5];
}

/** Where a value stands between the ends of a colour scale, 0 … 1. */
function shareOf({ domain: [low, high], kind }: ColourScale, value: number): number {
  const share =
    kind === 'linear'
      ? (value - low) / (high - low)
      : Math.log(Math.max(value, low) / low) / Math.log(high / low);
  return Math.min(1, Math.max(0, share));
}

export function rgbOf(scale: ColourScale, value: number): Rgb {
  return rampColour(scale.ramp, shareOf(scale, value));
}

/** One of 32 steps of the scale, so that marks of a colour can share one path. */
export function steppedColour(scale: ColourScale, value: number): string {
  return hexColour(rampColour(scale.ramp, Math.round(shareOf(scale, value) * 31) / 31));
}
