import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  choice,
  describeOption,
  listOptions,
  number,
  type OptionSpecs,
  type Options,
  type OptionsInput,
  optionsConfig,
  parseOption,
  resolveOptions,
  setOption,
  variant,
} from './index.js';

const specs = {
  size: variant(
    {
      fixed: {
        doc: 'steps of one size',
        options: { step: number({ default: 0.1, above: 0, doc: 'the size' }) },
      },
      decaying: {
        doc: 'steps that shrink',
        options: {
          rate: number({ default: 0.5, min: 0, below: 1, doc: 'how fast' }),
          shape: variant(
            {
              linear: { doc: 'evenly', options: {} },
              power: {
                doc: 'as a power',
                options: { exponent: number({ default: 2, doc: 'its exponent' }) },
              },
            },
            { default: 'linear', doc: 'its shape' },
          ),
        },
      },
      none: { doc: 'no steps', options: {} },
    },
    { default: 'fixed', doc: 'how large the steps are' },
  ),
  order: choice(['up', 'down'], { default: 'up', doc: 'order' }),
} satisfies OptionSpecs;
type Input = OptionsInput<typeof specs>;
const resolve = (input: Input) => resolveOptions('samplers walk', specs, input);

describe('types of a variant', () => {
  it('are a union that its name tells apart', () => {
    type Size = Options<typeof specs>['size'];
    expectTypeOf<Extract<Size, { name: 'fixed' }>['step']>().toEqualTypeOf<number>();
    expectTypeOf<Size['name']>().toEqualTypeOf<'fixed' | 'decaying' | 'none'>();
    const { size } = resolve({});
    if (size.name === 'decaying' && size.shape.name === 'power') {
      expectTypeOf(size.shape.exponent).toEqualTypeOf<number>();
    }
    expectTypeOf<{ size: 'none' }>().toExtend<Input>();
    expectTypeOf<{ size: { name: 'fixed' } }>().toExtend<Input>();
    expectTypeOf<{ size: { name: 'decaying'; shape: 'power' } }>().toExtend<Input>();
    expectTypeOf<{ size: 'absent' }>().not.toExtend<Input>();
    // @ts-expect-error that is an option of another alternative
    expect(() => resolve({ size: { name: 'fixed', rate: 0.1 } })).toThrow(/size\.rate/);
    // @ts-expect-error the default is none of the alternatives
    variant({ a: { doc: '', options: {} } }, { default: 'b', doc: '' });
  });
});

describe('a variant', () => {
  it('is its name with its options, each with a value', () => {
    expect(resolve({}).size).toEqual({ name: 'fixed', step: 0.1 });
    expect(resolve({ size: 'none' }).size).toEqual({ name: 'none' });
    expect(resolve({ size: { name: 'fixed', step: 3 } }).size).toEqual({ name: 'fixed', step: 3 });
    expect(resolve({ size: { name: 'decaying', shape: 'power' } }).size).toEqual({
      name: 'decaying',
      rate: 0.5,
      shape: { name: 'power', exponent: 2 },
    });
    expect(Object.isFrozen(resolve({}).size)).toBe(true);
  });

  it('is stored as it is, and read back', () => {
    const input = { size: { name: 'decaying', shape: 'power' } } as const;
    const stored = optionsConfig('samplers walk', specs, input);
    expect(stored).toEqual(resolve(input));
    expect(optionsConfig('samplers walk', specs, JSON.parse(JSON.stringify(stored)))).toEqual(
      stored,
    );
  });

  it.each([
    [{ size: { name: 'fixed', step: 0 } }, 'size.step is 0. Allowed: a finite number above 0'],
    [
      { size: { name: 'fixed', stap: 1 } },
      "no option 'size.stap'. Allowed: step. Did you mean 'step'",
    ],
    [
      { size: 'fixd' },
      'size is "fixd". Allowed: one of fixed, decaying, none. Did you mean \'fixed\'',
    ],
    [{ size: { step: 1 } }, 'size is {"step":1}. Allowed: one of'],
    [{ size: 3 }, 'size is 3. Allowed: one of'],
    [{ size: null }, 'size is null. Allowed: one of'],
    [{ size: 'constructor' }, 'size is "constructor". Allowed: one of'],
    [{ size: '__proto__' }, 'size is "__proto__". Allowed: one of'],
    [JSON.parse('{"size":{"name":"fixed","__proto__":{}}}'), "no option 'size.__proto__'"],
    [
      { size: { name: 'decaying', shape: { name: 'power', exponent: 'x' } } },
      'size.shape.exponent is "x"',
    ],
  ])('refuses %j', (input, message) => {
    expect(() => resolve(input as never)).toThrow(`[samplers] walk: `);
    expect(() => resolve(input as never)).toThrow(message);
  });

  it('has no option called name', () => {
    const options = { name: choice(['a'], { default: 'a', doc: '' }) };
    expect(() => variant({ a: { doc: '', options } }, { default: 'a', doc: '' })).toThrow(
      /'a' of a variant declares an option called 'name'/,
    );
  });

  it('is listed, its options after it', () => {
    const stored = optionsConfig('x', specs, { size: { name: 'decaying', shape: 'power' } });
    expect(listOptions(specs, stored).map(({ path, value }) => [path, value])).toEqual([
      ['size', 'decaying'],
      ['size.rate', 0.5],
      ['size.shape', 'power'],
      ['size.shape.exponent', 2],
      ['order', 'up'],
    ]);
    expect(describeOption(specs.size)).toBe('one of fixed, decaying, none');
    expect(parseOption('x', 'size', specs.size, 'none')).toEqual({ name: 'none' });
  });
});

describe('setOption', () => {
  const set = (...settings: string[]) =>
    settings.reduce((options: object, setting) => {
      const [path, text] = setting.split('=') as [string, string];
      const request = { owner: 'cli walk', specs, options: options as never, shown: 'walk.' };
      return setOption(request, path.split('.'), text);
    }, {});

  it('sets what a path names', () => {
    expect(set('order=down')).toEqual({ order: 'down' });
    expect(set('size=none')).toEqual({ size: { name: 'none' } });
    expect(set('size.step=2')).toEqual({ size: { name: 'fixed', step: 2 } });
    expect(set('size=decaying', 'size.shape=power', 'size.shape.exponent=3')).toEqual({
      size: { name: 'decaying', shape: { name: 'power', exponent: 3 } },
    });
  });

  it('keeps the options of what is named again, and drops those of another', () => {
    expect(set('size.step=2', 'size=fixed')).toEqual({ size: { name: 'fixed', step: 2 } });
    expect(set('size.step=2', 'size=decaying')).toEqual({ size: { name: 'decaying' } });
  });

  it.each([
    ['size.stap=2', "walk.size fixed has no option 'stap'. Allowed: step. Did you mean 'step'"],
    ['size.rate=2', "walk.size fixed has no option 'rate'"],
    [
      'size=fixd',
      "walk.size is 'fixd'. Allowed: one of fixed, decaying, none. Did you mean 'fixed'",
    ],
    ['size=null', "walk.size is 'null'"],
    ['size.step=0', "walk.size.step is '0'. Allowed: a finite number above 0"],
    ['order.size=2', "walk.order has no option 'size'. Allowed: no options"],
    ['__proto__=2', "walk has no option '__proto__'"],
    ['constructor.name=2', "walk has no option 'constructor'"],
    ['size.__proto__=2', "walk.size fixed has no option '__proto__'"],
    ['size=constructor', "walk.size is 'constructor'"],
  ])('refuses %s', (setting, message) => {
    expect(() => set(setting)).toThrow(`[cli] ${message}`);
  });
});
