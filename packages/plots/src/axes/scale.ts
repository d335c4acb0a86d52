import { scaleLinear, scaleLog } from 'd3-scale';
import { refuseOption } from '../problems.js';
import type { Range } from '../range.js';
import { powerOfTen, tickTexts } from './number-text.js';

export interface Tick {
  readonly at: number;
  /** Its label; '' for a tick without text. */
  readonly text: string;
}

/** An axis of a panel. */
export interface Axis {
  readonly label?: string | undefined;
  /** Values at its ends, the first at the left or bottom; what the marks cover unless given. */
  readonly domain?: readonly [number, number] | undefined;
  readonly scale?: 'linear' | 'log' | undefined;
  /** Values, values with texts, or the approximate number of ticks to choose; [] for none. */
  readonly ticks?: number | readonly (number | Tick)[] | undefined;
  /** Names of the values 0, 1, 2 …, which replace numbers. */
  readonly categories?: readonly string[] | undefined;
}

/** Maps values to pixels, and chooses ticks. */
export interface Scale {
  readonly kind: 'linear' | 'log';
  readonly domain: readonly [number, number];
  pixels(value: number): number;
  /** Ticks with texts, about `count` of them. */
  ticks(count: number): readonly Tick[];
  /** Small marks between them, on a log axis. */
  readonly minorTicks: readonly number[];
}

/**
 * @param where the panel and axis, for messages
 * @param covered what the marks cover
 * @param pixels positions of the ends of the domain
 * @throws TweedieError INVALID_VALUE when the domain is empty, or reaches 0 on a log axis
 */
export function createScale(
  where: string,
  axis: Axis,
  covered: Range | undefined,
  pixels: readonly [number, number],
): Scale {
  const kind = axis.scale ?? 'linear';
  if (kind !== 'linear' && kind !== 'log') {
    throw refuseOption('UNKNOWN_NAME', `${where}: the scale is '${kind}'`, 'linear, log');
  }
  const domain = axis.domain ?? ownDomain(kind, axis, covered);
  if (!domain.every(Number.isFinite) || domain[0] === domain[1]) {
    throw refuseOption(
      'INVALID_VALUE',
      `${where}: the domain is [${domain.join(', ')}]`,
      'two different finite numbers',
    );
  }
  if (kind === 'log' && Math.min(...domain) <= 0) {
    throw refuseOption(
      'INVALID_VALUE',
      `${where}: the domain is [${domain.join(', ')}] on a log scale`,
      'numbers above 0',
      'give a domain that begins above 0, or use a linear scale',
    );
  }
  const scale = (kind === 'log' ? scaleLog() : scaleLinear()).domain(domain).range(pixels);
  const given = givenTicks(axis);
  return {
    kind,
    domain,
    pixels: (value) => scale(value),
    ticks: (count) => {
      if (given !== undefined) return given.filter(({ at }) => isInside(at, domain));
      const wanted = typeof axis.ticks === 'number' ? axis.ticks : count;
      if (kind === 'log') return logTicks(domain, wanted);
      const values = scale.ticks(Math.max(1, wanted));
      return withTexts(values, tickTexts(values));
    },
    minorTicks: kind === 'log' && given === undefined ? minorTicks(domain) : [],
  };
}

function givenTicks({ ticks, categories }: Axis): readonly Tick[] | undefined {
  if (typeof ticks === 'object') {
    const values = ticks.map((tick) => (typeof tick === 'number' ? tick : tick.at));
    const texts = tickTexts(values);
    return ticks.map((tick, i) =>
      typeof tick === 'number' ? { at: tick, text: texts[i]! } : tick,
    );
  }
  return categories?.map((name, at) => ({ at, text: name }));
}

function ownDomain(
  kind: 'linear' | 'log',
  { categories }: Axis,
  covered: Range | undefined,
): readonly [number, number] {
  if (categories !== undefined && categories.length > 0) return [-0.5, categories.length - 0.5];
  if (covered === undefined) return kind === 'log' ? [1, 10] : [0, 1];
  const [low, high] = covered;
  if (kind === 'log') {
    if (low <= 0) return covered;
    const margin = (high / low) ** 0.04;
    return low === high ? [low / 2, high * 2] : [low / margin, high * margin];
  }
  if (low === high) return [low - 0.5, high + 0.5];
  const margin = 0.05 * (high - low);
  // No margin below zero: bars stand on the axis.
  return [low === 0 ? 0 : low - margin, high === 0 ? 0 : high + margin];
}

function isInside(value: number, domain: readonly [number, number]): boolean {
  const slack = 1e-9 * Math.abs(domain[1] - domain[0]);
  return value >= Math.min(...domain) - slack && value <= Math.max(...domain) + slack;
}

function withTexts(values: readonly number[], texts: readonly string[]): Tick[] {
  return values.map((at, i) => ({ at, text: texts[i]! }));
}

/** Powers of ten where the domain has at least two of them, else 1, 2 and 5 times powers of ten. */
function logTicks(domain: readonly [number, number], count: number): Tick[] {
  const low = Math.log10(Math.min(...domain));
  const high = Math.log10(Math.max(...domain));
  const first = Math.ceil(low - 1e-9);
  const last = Math.floor(high + 1e-9);
  if (last - first >= 1 && high - low > 1.5) {
    const stride = Math.max(1, Math.ceil((last - first + 1) / Math.max(1, count)));
    const exponents = range(first, last).filter((exponent) => exponent % stride === 0);
    return withTexts(
      exponents.map((exponent) => 10 ** exponent),
      exponents.map(powerOfTen),
    );
  }
  const fine = range(first - 1, last).flatMap((exponent) =>
    [1, 2, 5].map((factor) => Number(`${factor}e${exponent}`)),
  );
  const values = fine.filter((value) => isInside(value, domain));
  return values.map((at) => ({ at, text: tickTexts([at])[0]! }));
}

function minorTicks(domain: readonly [number, number]): number[] {
  const first = Math.floor(Math.log10(Math.min(...domain)));
  const last = Math.ceil(Math.log10(Math.max(...domain)));
  // Beyond six decades they would be too dense.
  if (last - first > 7) return [];
  return range(first, last)
    .flatMap((exponent) => [2, 3, 4, 5, 6, 7, 8, 9].map((factor) => factor * 10 ** exponent))
    .filter((value) => isInside(value, domain));
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
