import { describe, expect, it } from 'vitest';
import { add, cast, mul, sigmoid } from './arithmetic.js';
import { scalar } from './constant.js';
import { createGraph, nodesBehind } from './graph.js';
import { reshape, transpose } from './shape.js';

const graphWith = (...shape: number[]) => {
  const graph = createGraph({ operators: 'runtime', blockSize: 0 });
  return { graph, x: graph.input('float32', shape) };
};

describe('a graph', () => {
  it('shares what is written twice', () => {
    const { graph, x } = graphWith(2, 3);
    expect(sigmoid(x)).toBe(sigmoid(x));
    expect(mul(x, 2)).toBe(mul(x, 2));
    expect(scalar(graph, 'float32', 2)).toBe(scalar(graph, 'float32', 2));
    expect(scalar(graph, 'int32', 2)).not.toBe(scalar(graph, 'float32', 2));
    expect(graph.nodes).toHaveLength(2);
  });

  it('keeps constants apart that differ in a bit', () => {
    const { graph } = graphWith();
    const zero = scalar(graph, 'float32', 0);
    expect(scalar(graph, 'float32', -0)).not.toBe(zero);
    const a = graph.constant('float32', Float32Array.of(1, 2), [2]);
    expect(graph.constant('float32', Float32Array.of(1, 2), [2])).toBe(a);
    expect(graph.constant('float32', Float32Array.of(1, 2), [2, 1])).not.toBe(a);
    expect(graph.constant('float32', Float32Array.of(1, 3), [2])).not.toBe(a);
  });

  it('leaves out what changes nothing', () => {
    const { graph, x } = graphWith(2, 3, 1, 4);
    expect(add(mul(x, 1), 0)).toBe(x);
    expect(cast(x, 'float32')).toBe(x);
    expect(reshape(reshape(x, [24]), [2, 3, 1, 4])).toBe(x);
    expect(transpose(transpose(x, [3, 1, 0, 2]), [2, 1, 3, 0])).toBe(x);
    expect(nodesBehind(graph, [x])).toHaveLength(0);
  });

  it('turns transposes that move nothing into reshapes, and reshapes of reshapes into one', () => {
    const { graph, x } = graphWith(2, 3, 1, 4);
    const moved = transpose(reshape(x, [2, 1, 3, 4]), [0, 2, 1, 3]);
    expect(moved).toBe(x);
    expect(nodesBehind(graph, [reshape(reshape(x, [6, 4]), [8, 3])])).toHaveLength(1);
  });

  it('computes with scalar constants at once, in float32', () => {
    const { graph } = graphWith();
    const tenth = scalar(graph, 'float32', 0.1);
    const sum = add(tenth, 0.2);
    expect(sum.source).toEqual({
      kind: 'constant',
      data: Float32Array.of(Math.fround(0.1) + Math.fround(0.2)),
    });
    expect(graph.nodes).toHaveLength(0);
  });

  it('finds the nodes behind values, in order and no others', () => {
    const { graph, x } = graphWith(3);
    const unused = sigmoid(add(x, 7));
    const y = mul(sigmoid(x), x);
    expect(nodesBehind(graph, [y]).map((node) => node.operator)).toEqual(['Sigmoid', 'Mul']);
    expect(nodesBehind(graph, [y, unused])).toHaveLength(4);
  });
});
