import { createRng } from '@tweedie/core';
import { expect, it, vi } from 'vitest';
import { lazyDataset } from './lazy-dataset.js';
import { points } from './points.js';

it('loads once, when something is first asked for', () => {
  const load = vi.fn(() => points([[1, 2]], { labels: [3] }));
  const data = lazyDataset(load);
  expect(load).not.toHaveBeenCalled();
  expect(data.size).toBe(1);
  expect(data.itemShape).toEqual([2]);
  expect(data.classes).toBe(4);
  expect([...data.batch(createRng(0), 0, 1).x.data]).toEqual([1, 2]);
  expect(load).toHaveBeenCalledTimes(1);
});

it('tries again after a failure', () => {
  const load = vi.fn(() => points([[1]]));
  load.mockImplementationOnce(() => {
    throw new Error('not yet');
  });
  const data = lazyDataset(load);
  expect(() => data.size).toThrow('not yet');
  expect(data.size).toBe(1);
});
