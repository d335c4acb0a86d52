import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Json, JsonObject } from './json.js';
import { type AnyFactory, choice, type Factory, number, numbers } from './options/index.js';
import { createRegistry, defineFactory } from './registry.js';

const constant = defineFactory({
  owner: 'schedules',
  id: 'constant',
  doc: 'one noise level',
  options: { sigma: number({ default: 1, above: 0, doc: 'the level' }) },
  create: ({ sigma }) => ({ sigma: () => sigma }),
});
const table = defineFactory({
  owner: 'schedules',
  id: 'table',
  doc: 'given levels',
  options: {
    levels: numbers({ default: [1, 2], doc: 'levels' }),
    order: choice(['up', 'down'], { default: 'up', doc: 'order' }),
  },
  create: ({ levels, order }) => ({ sigma: (t: number) => levels[t], order }),
});
const euler = defineFactory({
  owner: 'samplers',
  id: 'euler',
  doc: 'first order',
  options: {},
  create: () => ({ step: (x: number) => x + 1 }),
});

describe('defineFactory', () => {
  it('makes plug-ins that carry their name and resolved config', () => {
    const made = constant({ sigma: 3 });
    expect(made.sigma()).toBe(3);
    expect(made.name).toBe('constant');
    expect(made.config).toEqual({ sigma: 3 });
    expect(constant().config).toEqual({ sigma: 1 });
    expect(Object.keys(made).sort()).toEqual(['config', 'name', 'sigma']);
  });

  it('carries its declaration', () => {
    expect(constant.id).toBe('constant');
    expect(constant.doc).toBe('one noise level');
    expect(constant.options.sigma).toEqual({
      kind: 'number',
      default: 1,
      above: 0,
      doc: 'the level',
    });
  });

  it('keeps getters of what it makes', () => {
    let asked = 0;
    const lazy = defineFactory({
      owner: 'data',
      id: 'lazy',
      doc: 'counts',
      options: {},
      create: () => ({
        get size() {
          asked += 1;
          return 5;
        },
      }),
    })();
    expect(asked).toBe(0);
    expect(lazy.size).toBe(5);
    expect(asked).toBe(1);
  });

  it('checks options, naming the owner', () => {
    expect(() => constant({ sigma: 0 })).toThrow(/\[schedules\] constant: sigma is 0/);
  });

  it('infers options and what is made', () => {
    expectTypeOf(constant({ sigma: 2 }).sigma).toEqualTypeOf<() => number>();
    expectTypeOf(table().order).toEqualTypeOf<'up' | 'down'>();
    expectTypeOf(table().config).toEqualTypeOf<JsonObject>();
    expectTypeOf(table)
      .parameter(0)
      .toExtend<
        { levels?: readonly number[] | undefined; order?: 'up' | 'down' | undefined } | undefined
      >();
    expectTypeOf(constant).toExtend<Factory<{ sigma(): number }, typeof constant.options>>();
    expectTypeOf(constant).toExtend<AnyFactory<{ sigma(): number }>>();
    // @ts-expect-error no such option
    expect(() => constant({ sigmo: 2 })).toThrow(/Did you mean 'sigma'/);
    // @ts-expect-error no such choice
    expect(() => table({ order: 'sideways' })).toThrow(/one of up, down/);
    expect(() => euler({ order: 1 })).toThrow(/no options/);
  });
});

describe('createRegistry', () => {
  const registry = createRegistry({ schedule: [constant, table], sampler: [euler] });

  it('makes a plug-in by kind, name and options', () => {
    const made = registry.create('schedule', 'table', { levels: [5, 6] });
    expect(made.name).toBe('table');
    expect(made.sigma(1)).toBe(6);
    expect(registry.create('sampler', 'euler').step(1)).toBe(2);
    const again = registry.create('schedule', made.name, made.config);
    expect(again.config).toEqual(made.config);
  });

  it('lists what it holds', () => {
    expect(registry.names('schedule')).toEqual(['constant', 'table']);
    expect(registry.factories('sampler')).toEqual([euler]);
    expect(registry.factory('schedule', 'constant')).toBe(constant);
  });

  it('lets a later factory take the place of an earlier', () => {
    const mine = defineFactory({
      owner: 'mine',
      id: 'constant',
      doc: 'my own',
      options: {},
      create: () => ({ sigma: () => 42 }),
    });
    const mixed = createRegistry({ schedule: [constant, table, mine] });
    expect(mixed.names('schedule')).toEqual(['constant', 'table']);
    expect(mixed.factories('schedule')).toEqual([mine, table]);
    expect(mixed.create('schedule', 'constant').sigma(0)).toBe(42);
    expect(registry.create('schedule', 'constant').sigma(0)).toBe(1);
  });

  it('refuses unknown names and kinds, and says which was meant', () => {
    expect(() => registry.create('schedule', 'tabel')).toThrow(
      /no schedule 'tabel'. Allowed: constant, table. Did you mean 'table'/,
    );
    expect(() => registry.factory('sampler', 'constructor')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_NAME' }),
    );
    expect(() => registry.names('network' as 'sampler')).toThrow(
      /no kind of plug-in 'network'. Allowed: schedule, sampler/,
    );
    expect(() => registry.create('schedule', 'constant', { sigma: 0 })).toThrow(/sigma is 0/);
  });

  it('infers what each kind makes', () => {
    expectTypeOf(registry.create('sampler', 'euler').step).toEqualTypeOf<(x: number) => number>();
    expectTypeOf(registry.create('schedule', 'table').config).toExtend<Json>();
    expectTypeOf(registry.factories('schedule')).toEqualTypeOf<
      readonly [typeof constant, typeof table]
    >();
    // @ts-expect-error no such kind
    expect(() => registry.create('networks', 'x')).toThrow(/no kind/);
  });
});
