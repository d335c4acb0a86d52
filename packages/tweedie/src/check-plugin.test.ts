import { defineFactory } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { createNodeRegistry } from './node.js';
import { createTweedieRegistry } from './registry.js';

const registryOf = (kind: string, made: unknown) =>
  createTweedieRegistry({
    [kind]: [
      defineFactory({
        owner: 'mine',
        id: 'my-plug-in',
        doc: 'with a fault',
        options: {},
        create: () => made as object,
      }),
    ],
  });

describe('what a factory has made', () => {
  const cases: readonly (readonly [kind: string, made: unknown, message: RegExp])[] = [
    ['loss', { value: () => 0 }, /the loss 'my-plug-in' has no draw/],
    ['network', { itemShape: [2], init: () => ({}) }, /the network 'my-plug-in' has no apply/],
    ['network', { itemShape: 2, init: () => 0, apply: () => 0 }, /something else as its itemShape/],
    ['schedule', { time: {}, alpha: () => 1, sigma: () => 1 }, /something else as its time/],
    ['schedule', { alpha: () => 1, sigma: () => 1 }, /has no time/],
    ['optimizer', { scalars: () => ({}), update: () => ({}) }, /has no slots/],
    ['sampler', {}, /the sampler 'my-plug-in' has no sample/],
    ['grid', {}, /has no levels/],
    ['data', { itemShape: [2], size: 3, batch: () => 0 }, /has no classes/],
    ['weighting', {}, /has no weight/],
    ['parameterization', {}, /has no coefficients/],
    ['loss', undefined, /create of the plug-in 'my-plug-in' returned undefined/],
    ['loss', Promise.resolve({}), /create of the plug-in 'my-plug-in' returned a promise/],
  ];
  it.each(cases)('as a %s is checked against its contract', (kind, made, message) => {
    expect(() => registryOf(kind, made).create(kind, 'my-plug-in')).toThrow(
      expect.objectContaining({ code: 'INVALID_VALUE', message: expect.stringMatching(message) }),
    );
  });

  const needOptions = ['times', 'gaussian-mixture', 'csv', 'npy', 'idx', 'picture', 'betas'];
  const files = ['mnist', 'fashion-mnist'];
  const registry = createNodeRegistry();
  const all = registry
    .kinds()
    .flatMap((kind) => registry.names(kind).map((name) => [kind, name] as const))
    .filter(([, name]) => ![...needOptions, ...files].includes(name));
  it.each(all)('%s %s passes', (kind, name) => {
    expect(registry.create(kind, name)).toMatchObject({ name });
  });
});
