import { createRegistry } from '@tweedie/core';
import { testGrid } from '@tweedie/testing';
import { expect, it } from 'vitest';
import { linear } from '../index.js';
import { grids } from './index.js';

const registry = createRegistry({ grid: grids });
/** The grid of a list of times has none by default. */
const optionsOf = (id: string) => (id === 'times' ? { times: [2, 1.5, 0.4] } : {});

for (const { id } of grids) {
  testGrid(id, () => registry.create('grid', id, optionsOf(id)), { continuous: id !== 'full' });
}

it.each(grids.map(({ id }) => id))('%s is rebuilt by its name and options', (id) => {
  const made = registry.create('grid', id, optionsOf(id));
  const again = registry.create('grid', id, made.config);
  expect(again.levels(linear())).toEqual(made.levels(linear()));
});
