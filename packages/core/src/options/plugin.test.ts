import { describe, expect, expectTypeOf, it } from 'vitest';
import type { JsonObject } from '../json.js';
import { createRegistry, defineFactory } from '../registry.js';
import {
  describeOption,
  listOptions,
  number,
  type OptionsInput,
  optionsConfig,
  plugin,
  resolveOptions,
  setOption,
} from './index.js';

interface Rule {
  readonly name: string;
  readonly config: JsonObject;
  apply(x: number): number;
}
type Body = Pick<Rule, 'apply'>;

const scale = defineFactory({
  owner: 'rules',
  id: 'scale',
  doc: 'scales',
  options: { factor: number({ default: 2, above: 0, doc: 'the factor' }) },
  create: ({ factor }): Body => ({ apply: (x) => factor * x }),
  upgrade: ({ by, ...rest }) => (by === undefined ? rest : { ...rest, factor: by }),
});
const shift = defineFactory({
  owner: 'rules',
  id: 'shift',
  doc: 'shifts',
  options: {},
  create: (): Body => ({ apply: (x) => x + 1 }),
});
const specs = {
  rule: plugin('rule', { known: [scale, shift], default: 'scale', doc: 'what is done' }),
  last: plugin('rule', { known: [shift], default: null, optional: true, doc: 'and then' }),
};
type Input = OptionsInput<typeof specs>;
const walk = defineFactory({
  owner: 'walks',
  id: 'walk',
  doc: 'applies rules',
  options: specs,
  create: ({ rule, last }) => ({
    at: (x: number) => last?.apply(rule.apply(x)) ?? rule.apply(x),
  }),
});
const mine = defineFactory({
  owner: 'mine',
  id: 'square',
  doc: 'squares',
  options: { offset: number({ default: 0, doc: 'added before' }) },
  create: ({ offset }): Body => ({ apply: (x) => (x + offset) ** 2 }),
});
/** A plug-in that no factory made. */
const literal: Rule = { name: 'negate', config: { a: 1 }, apply: (x) => -x };

describe('types of a plug-in among the options', () => {
  it('are those of what is known', () => {
    const { rule, last } = resolveOptions('x', specs);
    expectTypeOf(rule.apply).toEqualTypeOf<(x: number) => number>();
    expectTypeOf(last).toEqualTypeOf<typeof rule | null>();
    expectTypeOf<{ rule: 'scale' }>().toExtend<Input>();
    expectTypeOf<{ rule: Rule }>().toExtend<Input>();
    expectTypeOf<{ rule: { name: 'scale'; options: { factor: 3 } } }>().toExtend<Input>();
    expectTypeOf<{ last: null }>().toExtend<Input>();
    expectTypeOf<{ rule: null }>().not.toExtend<Input>();
    expectTypeOf<{ rule: 'square' }>().not.toExtend<Input>();
    expectTypeOf<{ rule: { name: 'scale'; options: { factor: 'x' } } }>().not.toExtend<Input>();
    // @ts-expect-error the default is not known
    plugin('rule', { known: [scale], default: 'shift', doc: '' });
    // @ts-expect-error null is only for what is optional
    plugin('rule', { known: [scale], default: null, doc: '' });
  });
});

describe('a plug-in among the options', () => {
  it('is made from its name and options, or is what the caller made', () => {
    expect(walk().at(3)).toBe(6);
    expect(walk({ rule: 'shift' }).at(3)).toBe(4);
    expect(walk({ rule: { name: 'scale', options: { factor: 5 } } }).at(3)).toBe(15);
    expect(walk({ rule: scale({ factor: 7 }), last: 'shift' }).at(3)).toBe(22);
    expect(walk({ rule: mine({ offset: 1 }) }).at(3)).toBe(16);
    expect(walk({ rule: literal, last: null }).at(3)).toBe(-3);
  });

  it('is stored by name and options', () => {
    expect(walk().config).toEqual({ rule: { name: 'scale', options: { factor: 2 } }, last: null });
    expect(walk({ rule: literal, last: 'shift' }).config).toEqual({
      rule: { name: 'negate', options: { a: 1 } },
      last: { name: 'shift', options: {} },
    });
    const made = walk({ rule: mine({ offset: 2 }) });
    const registry = createRegistry({ walk: [walk], rule: [mine] });
    expect(registry.create('walk', 'walk', made.config).at(3)).toBe(25);
  });

  it('is looked up in the registry first', () => {
    const other = defineFactory({
      owner: 'mine',
      id: 'shift',
      doc: 'shifts by ten',
      options: {},
      create: (): Body => ({ apply: (x) => x + 10 }),
    });
    const registry = createRegistry({ walk: [walk], rule: [other, mine] });
    expect(registry.create('walk', 'walk', { rule: 'shift' }).at(3)).toBe(13);
    expect(registry.create('walk', 'walk', { rule: 'square' }).at(3)).toBe(9);
    // Those that the option knows are there without it, too.
    expect(registry.create('walk', 'walk').at(3)).toBe(6);
    expect(describeOption(specs.rule, registry.plugins)).toBe('one of scale, shift, square');
    expect(describeOption(specs.last)).toBe('one of shift, or null');
  });

  it('stands within another, each found in the registry', () => {
    const nest = defineFactory({
      owner: 'walks',
      id: 'nest',
      doc: 'a rule of a rule',
      options: { inner: plugin('rule', { known: [scale], default: 'scale', doc: 'the inner' }) },
      create: ({ inner }): Body => ({ apply: (x) => 100 + inner.apply(x) }),
    });
    const registry = createRegistry({ walk: [walk], rule: [nest, mine] });
    const stored = { rule: { name: 'nest', options: { inner: 'square' } } };
    expect(registry.create('walk', 'walk', stored).at(3)).toBe(109);
    expect(optionsConfig('x', specs, stored, registry.plugins).rule).toEqual({
      name: 'nest',
      options: { inner: { name: 'square', options: { offset: 0 } } },
    });
    const of = (offset: unknown) => ({
      rule: { name: 'nest', options: { inner: { name: 'square', options: { offset } } } },
    });
    expect(() => registry.create('walk', 'walk', of('x') as never)).toThrow(
      '[walks] walk: rule.inner.offset is "x"',
    );
  });

  it.each([
    [{ rule: 'scail' }, 'rule is "scail". Allowed: one of scale, shift. Did you mean \'scale\''],
    [{ rule: { name: 'absent', config: 3 } }, 'rule is {"name":"absent","config":3}'],
    [{ rule: { name: 'scale', factor: 3 } }, 'rule is {"name":"scale","factor":3}'],
    [{ rule: { name: 'scale', options: { factor: 0 } } }, 'rule.factor is 0'],
    [
      { rule: { name: 'shift', options: { factor: 2 } } },
      "no option 'rule.factor'. Allowed: no options",
    ],
    [{ rule: null }, 'rule is null. Allowed: one of scale, shift.'],
    [{ rule: 'constructor' }, 'rule is "constructor"'],
  ])('refuses %j', (input, message) => {
    expect(() => walk(input as never)).toThrow(`[walks] walk: `);
    expect(() => walk(input as never)).toThrow(message);
  });

  it('is set and listed by paths', () => {
    const { plugins } = createRegistry({ rule: [mine] });
    const set = (options: JsonObject, path: string, text: string) =>
      setOption({ owner: 'cli walk', specs, options, shown: '', plugins }, path.split('.'), text);
    const named = set({}, 'rule', 'square');
    expect(named).toEqual({ rule: { name: 'square', options: {} } });
    expect(set(named, 'rule.offset', '3')).toEqual({
      rule: { name: 'square', options: { offset: 3 } },
    });
    expect(set({}, 'last', 'null')).toEqual({ last: null });
    expect(() => set({}, 'rule', 'null')).toThrow(/rule is 'null'/);
    expect(() => set({}, 'last.factor', '3')).toThrow(/last has no option 'factor'/);
    const stored = optionsConfig('x', specs, set(named, 'rule.offset', '3'), plugins);
    expect(listOptions(specs, stored, plugins).map(({ path, value }) => [path, value])).toEqual([
      ['rule', 'square'],
      ['rule.offset', 3],
      ['last', null],
    ]);
  });
});

describe('upgrade', () => {
  it('reads what an earlier version stored, also within another plug-in', () => {
    const registry = createRegistry({ walk: [walk], rule: [scale] });
    expect(registry.create('rule', 'scale', { by: 4 }).config).toEqual({ factor: 4 });
    const stored = { rule: { name: 'scale', options: { by: 4 } } };
    expect(registry.create('walk', 'walk', stored).at(3)).toBe(12);
    expect(registry.create('walk', 'walk', stored).config).toMatchObject({
      rule: { name: 'scale', options: { factor: 4 } },
    });
    // Typed calls are today's.
    expect(() => scale({ by: 4 } as never)).toThrow(/no option 'by'/);
  });
});
