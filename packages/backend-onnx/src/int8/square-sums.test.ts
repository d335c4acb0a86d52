import { describe, expect, it } from 'vitest';
import { mul } from '../ir/arithmetic.js';
import { createGraph, nodesBehind, type Value } from '../ir/graph.js';
import { reduceSum } from '../ir/reduction.js';
import { reshape } from '../ir/shape.js';
import { rewrite } from '../passes/rewrite.js';
import { squareSums } from './square-sums.js';

const operatorsOf = (build: (x: Value) => readonly Value[]) => {
  const graph = createGraph({ operators: 'runtime', blockSize: 0 });
  const outputs = build(graph.input('float32', [4, 2, 2]));
  const rewritten = rewrite({ graph, outputs }, [squareSums]);
  return nodesBehind(rewritten.graph, rewritten.outputs).map(({ operator }) => operator);
};

describe('squareSums', () => {
  it('multiplies rows by themselves, through reshapes', () => {
    const operators = operatorsOf((x) => [reduceSum(reshape(mul(x, x), [4, 4]), [1])]);
    expect(operators).toEqual(['Reshape', 'FusedMatMul', 'Reshape']);
  });

  it('leaves sums down the columns, squares that something else uses, and products of two', () => {
    const columns = operatorsOf((x) => [reduceSum(reshape(mul(x, x), [4, 4]), [0])]);
    const shared = operatorsOf((x) => {
      const squares = mul(x, x);
      return [squares, reduceSum(reshape(squares, [4, 4]), [1])];
    });
    const products = operatorsOf((x) => [reduceSum(reshape(mul(x, mul(x, 2)), [4, 4]), [1])]);
    for (const operators of [columns, shared, products]) {
      expect(operators).toContain('ReduceSum');
      expect(operators).not.toContain('FusedMatMul');
    }
  });
});
