import { createRegistry } from '@tweedie/core';
import { expect, it } from 'vitest';
import { linear } from '../index.js';
import { grids } from './index.js';

it.each(grids.map((factory) => [factory.id, factory] as const))(
  '%s is rebuilt by its name and options',
  (id, factory) => {
    const registry = createRegistry({ grid: grids });
    const made = registry.create('grid', id, id === 'times' ? { times: [9, 4, 1] } : {});
    const again = (factory as (options: unknown) => typeof made)(made.config);
    const schedule = linear();
    expect(made.levels(schedule).length).toBeGreaterThan(1);
    expect(again.levels(schedule)).toEqual(made.levels(schedule));
  },
);
