import { TweedieError } from '@tweedie/core';

type Check = readonly [what: string, holds: (value: unknown) => boolean];

const aFunction: Check = ['a function', (value) => typeof value === 'function'];
const shape: Check = [
  'a list of whole numbers',
  (value) => Array.isArray(value) && value.every((extent) => Number.isInteger(extent)),
];
const aNumber: Check = ['a number', (value) => typeof value === 'number' && !Number.isNaN(value)];

/** What each contract asks for. */
const members: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  data: { itemShape: shape, size: aNumber, classes: aNumber, batch: aFunction },
  network: { itemShape: shape, init: aFunction, apply: aFunction },
  schedule: {
    time: ["{ kind: 'discrete', steps } or { kind: 'continuous', start, end }", isTimeDomain],
    alpha: aFunction,
    sigma: aFunction,
  },
  parameterization: { coefficients: aFunction },
  loss: { draw: aFunction, value: aFunction },
  weighting: { weight: aFunction },
  optimizer: {
    slots: [
      'a list of names',
      (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
    ],
    scalars: aFunction,
    update: aFunction,
  },
  sampler: { sample: aFunction },
  grid: { levels: aFunction },
};

function isTimeDomain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, steps, start, end } = value as Readonly<Record<string, unknown>>;
  if (kind === 'discrete') return Number.isInteger(steps) && Number(steps) >= 1;
  return kind === 'continuous' && Number.isFinite(start) && Number(start) < Number(end);
}

/**
 * Checks that what a factory has made has the members of its kind's contract, so that one which lacks
 * some is named before anything is computed with it.
 *
 * @throws TweedieError INVALID_VALUE
 */
export function checkPlugin(kind: string, made: { readonly name: string }): void {
  for (const [member, [what, holds]] of Object.entries(members[kind] ?? {})) {
    const value = (made as unknown as Readonly<Record<string, unknown>>)[member];
    if (holds(value)) continue;
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'tweedie',
      given: `the ${kind} '${made.name}' ${value === undefined ? `has no ${member}` : `has something else as its ${member}`}`,
      allowed: what,
      fix: `return it from the factory's create, as the contracts of @tweedie/core say`,
    });
  }
}
