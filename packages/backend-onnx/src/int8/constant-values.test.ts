import { describe, expect, it } from 'vitest';
import { createGraph } from '../ir/graph.js';
import { expand, reshape, split, transpose } from '../ir/shape.js';
import { constantValues } from './constant-values.js';

describe('constantValues', () => {
  const graph = createGraph({ operators: 'standard', blockSize: 0 });
  const flat = graph.constant('float32', Float32Array.of(1, 2, 3, 4, 5, 6), [6]);

  it('finds the pieces of a flat vector', () => {
    const [, second] = split(flat, [2, 4], 0);
    expect(constantValues(reshape(second!, [2, 2]))).toEqual(Float32Array.of(3, 4, 5, 6));
  });

  it('repeats one number', () => {
    const one = graph.constant('float32', Float32Array.of(7), []);
    expect(constantValues(expand(one, [3]))).toEqual(Float32Array.of(7, 7, 7));
  });

  it('knows nothing of inputs and of what is computed', () => {
    expect(constantValues(graph.input('float32', [6]))).toBeUndefined();
    expect(constantValues(transpose(reshape(flat, [2, 3]), [1, 0]))).toBeUndefined();
    expect(constantValues(expand(reshape(flat, [1, 6]), [2, 6]))).toBeUndefined();
    expect(constantValues(split(reshape(flat, [2, 3]), [1, 2], 1)[0]!)).toBeUndefined();
    expect(constantValues(graph.constant('int32', Int32Array.of(1), [1]))).toBeUndefined();
  });
});
