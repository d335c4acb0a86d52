import { describe, expect, it } from 'vitest';
import * as op from '../graph/arithmetic.js';
import { createGraph, nodesBehind } from '../graph/graph.js';
import { optimize } from './optimize.js';

describe('the slope of ELU', () => {
  const operatorsOf = (activation: string) => {
    const graph = createGraph({ operators: 'standard', blockSize: 0 });
    const y = op.unary(activation, graph.input('float32', [3]));
    const slope = op.add(op.minimum(y, 0), 1);
    const optimized = optimize({ graph, outputs: [slope, y] });
    return nodesBehind(optimized.graph, optimized.outputs).map(({ operator }) => operator);
  };

  it('is one operation', () => {
    expect(operatorsOf('Elu')).toEqual(['Elu', 'HardSigmoid']);
  });

  it('is no other function that looks like it', () => {
    expect(operatorsOf('Tan')).toEqual(['Tan', 'Min', 'Add']);
  });
});
