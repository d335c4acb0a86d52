import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  boolean,
  choice,
  describeOption,
  integer,
  number,
  numbers,
  type OptionSpecs,
  type Options,
  type OptionsInput,
  parseOption,
  resolveOptions,
  text,
  texts,
} from './index.js';

const specs = {
  rate: number({ default: 0.1, above: 0, max: 1, doc: 'a rate' }),
  limit: number({ default: null, min: 0, below: 10, doc: 'a limit' }),
  steps: integer({ default: 10, min: 1, doc: 'steps' }),
  seed: integer({ default: null, doc: 'a seed' }),
  clip: boolean({ default: false, doc: 'clip' }),
  name: text({ default: 'x', doc: 'a name' }),
  folder: text({ default: null, doc: 'a folder' }),
  kind: choice(['linear', 'cosine'], { default: 'linear', doc: 'a kind' }),
  widths: numbers({ default: [1, 2], doc: 'widths' }),
  levels: numbers({ default: null, doc: 'levels' }),
  tags: texts({ default: ['a'], doc: 'tags' }),
  blocks: texts({ default: null, doc: 'blocks' }),
} satisfies OptionSpecs;

const resolve = (input?: object) => resolveOptions('samplers ddim', specs, input as never);

describe('types', () => {
  it('follow from the declaration', () => {
    expectTypeOf<Options<typeof specs>>().toEqualTypeOf<{
      readonly rate: number;
      readonly limit: number | null;
      readonly steps: number;
      readonly seed: number | null;
      readonly clip: boolean;
      readonly name: string;
      readonly folder: string | null;
      readonly kind: 'linear' | 'cosine';
      readonly widths: readonly number[];
      readonly levels: readonly number[] | null;
      readonly tags: readonly string[];
      readonly blocks: readonly string[] | null;
    }>();
    expectTypeOf(resolveOptions('a', specs)).toEqualTypeOf<Options<typeof specs>>();
    expectTypeOf<{ kind: 'cosine'; rate: undefined }>().toExtend<OptionsInput<typeof specs>>();
    expectTypeOf<{ kind: 'square' }>().not.toExtend<OptionsInput<typeof specs>>();
    expectTypeOf<{ steps: null }>().not.toExtend<OptionsInput<typeof specs>>();
    expectTypeOf<{ limit: null }>().toExtend<OptionsInput<typeof specs>>();
    // @ts-expect-error the default is none of the choices
    choice(['linear'], { default: 'cosine', doc: '' });
  });
});

it('says what memory a number above the most would take', () => {
  const specs = { steps: integer({ default: 10, max: 1e6, bytes: 100, doc: 'steps' }) };
  const message =
    ', which would take about 400 GB of memory. Allowed: a whole number at most 1000000';
  expect(() => resolveOptions('test', specs, { steps: 4e9 })).toThrow(
    `steps is 4000000000${message}`,
  );
  expect(() => parseOption('test', 'steps', specs.steps, '4e9')).toThrow(
    `steps is '4e9'${message}`,
  );
  expect(() => resolveOptions('test', specs, { steps: 0.5 })).not.toThrow('memory');
});

describe('resolveOptions', () => {
  it('fills in the defaults', () => {
    const defaults = Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => [name, spec.default]),
    );
    expect(resolve()).toEqual(defaults);
    expect(resolve({ rate: undefined, seed: undefined })).toEqual(defaults);
    expect(Object.keys(resolve({ kind: 'cosine' }))).toEqual(Object.keys(specs));
  });

  it('takes what is allowed', () => {
    const input = {
      rate: 1,
      limit: 9.5,
      steps: 1,
      seed: -4,
      clip: true,
      name: '',
      folder: '/',
      kind: 'cosine',
      widths: [],
      levels: [-1, 0.5],
      tags: [],
      blocks: ['b', 'c'],
    };
    expect(resolve(input)).toEqual(input);
    const nothing = { limit: null, seed: null, folder: null, levels: null, blocks: null };
    expect(resolve(nothing)).toMatchObject(nothing);
  });

  it('gives its own frozen copy', () => {
    const widths = [3, 4];
    const options = resolve({ widths });
    widths[0] = 99;
    expect(options.widths).toEqual([3, 4]);
    expect(Object.isFrozen(options)).toBe(true);
    for (const list of [options.widths, options.tags, resolve().widths]) {
      expect(Object.isFrozen(list)).toBe(true);
    }
    expect(resolve().widths).not.toBe(specs.widths.default);
  });

  it('is read back from its JSON', () => {
    const options = resolve({ kind: 'cosine', levels: [1] });
    expect(resolve(JSON.parse(JSON.stringify(options)))).toEqual(options);
  });

  it.each([
    [{ rate: 0 }, 'rate is 0', 'a finite number above 0 and at most 1'],
    [{ rate: 1.1 }, 'rate is 1.1', 'above 0 and at most 1'],
    [{ rate: '1' }, 'rate is "1"', 'a finite number'],
    [{ rate: Number.NaN }, 'rate is NaN', 'a finite number'],
    [{ rate: null }, 'rate is null', 'a finite number'],
    [{ limit: 10 }, 'limit is 10', 'a finite number at least 0 and below 10, or null'],
    [{ limit: -1 }, 'limit is -1', 'at least 0'],
    [{ steps: 1.5 }, 'steps is 1.5', 'a whole number at least 1'],
    [{ steps: 0 }, 'steps is 0', 'at least 1'],
    [{ seed: Number.POSITIVE_INFINITY }, 'seed is Infinity', 'a whole number, or null'],
    [{ clip: 'yes' }, 'clip is "yes"', 'true or false'],
    [{ name: null }, 'name is null', 'a text'],
    [{ folder: 3 }, 'folder is 3', 'a text, or null'],
    [{ kind: 'square' }, 'kind is "square"', 'one of linear, cosine'],
    [{ kind: null }, 'kind is null', 'one of linear, cosine'],
    [{ widths: [1, Number.NaN] }, 'widths is [1, NaN]', 'a list of finite numbers'],
    [{ widths: 3 }, 'widths is 3', 'a list of finite numbers'],
    [{ widths: null }, 'widths is null', 'a list of finite numbers'],
    [{ levels: ['1'] }, 'levels is ["1"]', 'a list of finite numbers, or null'],
    [{ blocks: [1] }, 'blocks is [1]', 'a list of texts, or null'],
    [{ tags: 'a' }, 'tags is "a"', 'a list of texts'],
  ])('refuses %j', (input, given, allowed) => {
    expect(() => resolve(input)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        package: 'samplers',
        message: expect.stringMatching(/^\[samplers\] ddim: /),
      }),
    );
    expect(() => resolve(input)).toThrow(given);
    expect(() => resolve(input)).toThrow(allowed);
  });

  it('refuses unknown names and says which was meant', () => {
    expect(() => resolve({ step: 3 })).toThrow(
      /no option 'step'. Allowed: rate, limit, .*Did you mean 'steps'/,
    );
    expect(() => resolve({ completelyDifferent: 3 })).not.toThrow(/Did you mean/);
    expect(() => resolve({ completelyDifferent: 3 })).toThrow(/no option 'completelyDifferent'/);
    expect(() => resolve({ toString: 3 })).toThrow(/no option 'toString'/);
    expect(() => resolveOptions('core', {}, { a: 1 })).toThrow(
      "[core] there is no option 'a'. Allowed: no options.",
    );
  });

  it.each([[[]], [3], ['x'], [null]])('refuses %j in place of options', (input) => {
    expect(() => resolveOptions('core x', specs, input as never)).toThrow(
      /\[core\] x: the options are .*an object of options/,
    );
  });
});

describe('parseOption', () => {
  const parse = (name: keyof typeof specs, given: string) =>
    parseOption('cli train', name, specs[name], given);

  it('reads what a flag can say', () => {
    expect(parse('rate', '0.5')).toBe(0.5);
    expect(parse('rate', ' 1e-3 ')).toBe(0.001);
    expect(parse('steps', '7')).toBe(7);
    expect(parse('seed', 'null')).toBeNull();
    expect(parse('clip', 'true')).toBe(true);
    expect(parse('clip', 'false')).toBe(false);
    expect(parse('name', 'a, b')).toBe('a, b');
    expect(parse('kind', 'cosine')).toBe('cosine');
    expect(parse('widths', '1, 2.5,-3')).toEqual([1, 2.5, -3]);
    expect(parse('blocks', 'a, b')).toEqual(['a', 'b']);
  });

  it.each([
    ['rate', ''],
    ['rate', '2'],
    ['rate', 'fast'],
    ['rate', 'null'],
    ['steps', '1.5'],
    ['clip', 'yes'],
    ['kind', 'square'],
    ['widths', '1,,2'],
    ['widths', '1,x'],
  ] as const)('refuses %s %j', (name, given) => {
    const run = () => parse(name, given);
    expect(run).toThrow(
      `[cli] train: ${name} is '${given}'. Allowed: ${describeOption(specs[name])}.`,
    );
  });

  it('reads back what it is shown', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
        (list) => {
          expect(parse('widths', list.join(','))).toEqual(list.map((item) => item + 0));
        },
      ),
    );
  });
});
