import { describe, expect, it } from 'vitest';
import * as op from '../ir/arithmetic.js';
import { createGraph, nodesBehind, type Value } from '../ir/graph.js';
import { optimize } from './optimize.js';

describe('what flows back through SiLU', () => {
  const operatorsOf = (slope: (gate: Value) => Value) => {
    const graph = createGraph({ operators: 'standard', blockSize: 0 });
    const [x, dz] = [graph.input('float32', [3]), graph.input('float32', [3])];
    const gate = op.sigmoid(x);
    const flow = op.add(op.mul(dz, gate), op.mul(op.mul(dz, x), slope(gate)));
    const optimized = optimize({ graph, outputs: [op.mul(x, gate), flow] });
    return nodesBehind(optimized.graph, optimized.outputs).map(({ operator }) => operator);
  };

  it('uses what the forward pass has', () => {
    const operators = operatorsOf((gate) => op.mul(gate, op.sub(1, gate)));
    expect([...operators].sort()).toEqual(['Add', 'Mul', 'Mul', 'Mul', 'Sigmoid', 'Sub']);
  });

  it('is nothing else that looks like it', () => {
    const operators = operatorsOf((gate) => op.mul(gate, op.sub(2, gate)));
    expect(operators).toHaveLength(8);
  });
});

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
