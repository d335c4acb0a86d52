import '@tensorflow/tfjs-backend-cpu';
import { ones, type Tensor, zeros } from '@tensorflow/tfjs-core';
import { toHost, toTensors } from '@tweedie/autodiff';
import { createRng, type HostParams, TweedieError } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { collectDeclarations, type Scope } from './declaration.js';
import { constant, fanInUniform, normal } from './initializers.js';

function values(params: HostParams, name: string): number[] {
  return Array.from(params[name]!.data);
}

describe('collectDeclarations', () => {
  it('names parameters by the path of their parts, in the order of declaration', () => {
    const { shapes } = collectDeclarations((scope) => {
      scope.within('up.0').within('conv').parameter('weight', [2, 3], constant(1));
      scope.parameter('bias', [2], constant(0));
    });
    expect(Object.entries(shapes)).toEqual([
      ['up.0.conv.weight', { shape: [2, 3] }],
      ['bias', { shape: [2] }],
    ]);
  });

  it('refuses a name that is taken', () => {
    const declare = (scope: Scope) => {
      scope.parameter('a', [1], constant(0));
      scope.parameter('a', [1], constant(0));
    };
    expect(() => collectDeclarations(declare)).toThrow("'a' is declared twice");
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'takes %s for a name like any other',
    (name) => {
      const { shapes, init, forward } = collectDeclarations((scope) =>
        scope.parameter(name, [2], constant(1)),
      );
      expect(Object.entries(shapes)).toEqual([[name, { shape: [2] }]]);
      expect(Object.keys(init(createRng(0)))).toEqual([name]);
      expect(() => forward({})).toThrow(`the parameter '${name}' is missing`);
      expect(Object.getPrototypeOf(init(createRng(0)))).toBeNull();
    },
  );

  it('draws each parameter from a stream of its own name', () => {
    const one = collectDeclarations((scope) => {
      scope.parameter('a', [3, 4], normal(1));
      scope.parameter('b', [5], normal(1));
    });
    const other = collectDeclarations((scope) => {
      scope.parameter('b', [5], normal(1));
      scope.parameter('c', [5], normal(1));
    });
    const first = one.init(createRng(7));
    const second = other.init(createRng(7));
    expect(values(second, 'b')).toEqual(values(first, 'b'));
    expect(values(second, 'c')).not.toEqual(values(first, 'b'));
    expect(values(one.init(createRng(8)), 'b')).not.toEqual(values(first, 'b'));
    expect(one.init(createRng(7))).toEqual(first);
  });

  it('says which parameter is missing or has another shape', () => {
    const { forward } = collectDeclarations((scope) =>
      scope.within('norm').parameter('weight', [2], constant(1)),
    );
    expect(() => forward({})).toThrow(
      "the parameter 'norm.weight' is missing. Allowed: a tensor of shape [2]",
    );
    const params = { 'norm.weight': zeros([3]) };
    expect(() => forward(params)).toThrow("'norm.weight' has the shape [3]");
    expect(() => forward(params)).toThrow(TweedieError);
  });
});

describe('dropout', () => {
  const rate = 0.25;
  const dropping = collectDeclarations((scope) =>
    scope.within('block').dropout('dropout', [6, 4], rate),
  );

  it('drops the share that it says and keeps the mean', () => {
    const { data, shape } = dropping.dropoutMasks(createRng(1), 500)['block.dropout']!;
    expect(shape).toEqual([500, 6, 4]);
    const kept = Math.fround(1 / (1 - rate));
    expect(new Set(data)).toEqual(new Set([0, kept]));
    const dropped = Array.from(data).filter((value) => value === 0).length / data.length;
    // Four standard deviations of 12000 draws.
    expect(Math.abs(dropped - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / 12_000));
  });

  it('draws the mask of an item whatever the batch size is', () => {
    const two = dropping.dropoutMasks(createRng(3), 2)['block.dropout']!;
    const five = dropping.dropoutMasks(createRng(3), 5)['block.dropout']!;
    expect(five.data.slice(0, 48)).toEqual(two.data);
  });

  it('multiplies by the mask, and leaves x alone where there are no masks', async () => {
    const masks = toTensors(dropping.dropoutMasks(createRng(1), 2));
    const x: Tensor = ones([2, 6, 4]);
    expect(dropping.forward(x, undefined)).toBe(x);
    const y = await toHost(dropping.forward(x, masks));
    expect(y).toEqual(await toHost(masks['block.dropout']!));
    expect(() => dropping.forward(x, {})).toThrow("the dropout mask 'block.dropout' is missing");
    expect(() => dropping.forward(ones([3, 6, 4]), masks)).toThrow('a tensor of shape [3, 6, 4]');
  });

  it('declares no mask at rate 0', () => {
    const { forward, dropoutMasks } = collectDeclarations((scope) => scope.dropout('d', [2], 0));
    const x = ones([1, 2]);
    expect(dropoutMasks(createRng(0), 4)).toEqual({});
    expect(forward(x, {})).toBe(x);
  });
});

describe('initializers', () => {
  it('are uniform within the fan-in bound, normal, or constant', () => {
    const count = 40_000;
    const moments = (data: Float32Array) => {
      const mean = data.reduce((sum, value) => sum + value, 0) / count;
      return { mean, variance: data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count };
    };
    const uniform = fanInUniform(16)(createRng(5), [200, 200]).data;
    expect(Math.max(...uniform.map(Math.abs))).toBeLessThanOrEqual(0.25);
    expect(Math.max(...uniform.map(Math.abs))).toBeGreaterThan(0.249);
    expect(moments(uniform).variance).toBeCloseTo(0.25 ** 2 / 3, 3);
    const gaussian = moments(normal(3)(createRng(5), [200, 200]).data);
    expect(Math.abs(gaussian.mean)).toBeLessThan((4 * 3) / Math.sqrt(count));
    expect(gaussian.variance / 9).toBeCloseTo(1, 1);
    expect(constant(0.5)(createRng(5), [2]).data).toEqual(Float32Array.of(0.5, 0.5));
  });
});
