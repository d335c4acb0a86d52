import { describe, expect, it } from 'vitest';
import { floats, hostArray, ints, sizeOf } from './host-array.js';

describe('hostArray', () => {
  it('puts a copy of the shape on the data itself', () => {
    const data = new Float32Array(6);
    const shape = [2, 3];
    const array = hostArray(data, shape);
    shape[0] = 9;
    expect(array.data).toBe(data);
    expect(array.shape).toEqual([2, 3]);
  });

  it('takes scalars and empty arrays', () => {
    expect(hostArray(new Int32Array(1), []).shape).toEqual([]);
    expect(hostArray(new Int32Array(0), [0, 3]).shape).toEqual([0, 3]);
    expect(sizeOf([])).toBe(1);
    expect(sizeOf([4, 0, 3])).toBe(0);
    expect(sizeOf([4, 2, 3])).toBe(24);
    expect(sizeOf([...Array(30).fill(2 ** 50), 0])).toBe(0);
  });

  it.each([[[2, 2]], [[]], [[7]]])('refuses the shape %j for six values', (shape) => {
    expect(() => hostArray(new Float32Array(6), shape)).toThrow(/holds \d+ values and the data 6/);
  });

  it.each([[[-2, -3]], [[1.5, 4]], [[Number.NaN]]])('refuses the extents %j', (shape) => {
    expect(() => hostArray(new Float32Array(6), shape)).toThrow(/whole numbers of at least 0/);
  });
});

it('makes arrays from numbers, in one dimension or a shape', () => {
  expect(floats([0.5, 1])).toEqual({ data: Float32Array.from([0.5, 1]), shape: [2] });
  expect(floats([1, 2, 3, 4], [2, 2]).shape).toEqual([2, 2]);
  expect(ints([1, -2])).toEqual({ data: Int32Array.from([1, -2]), shape: [2] });
  expect(ints([7], []).shape).toEqual([]);
  expect(() => floats([1, 2], [3])).toThrow(/holds 3 values and the data 2/);
});
