import { createRegistry } from '@tweedie/core';
import { expect, it } from 'vitest';
import { datasets } from './index.js';
import { nodeDatasets } from './node.js';

it('joins the sets from files and the others in one registry', () => {
  const registry = createRegistry({ data: [...datasets, ...nodeDatasets] });
  expect(registry.names('data')).toHaveLength(datasets.length + nodeDatasets.length);
  const digits = registry.create('data', 'mnist', { split: 'test', limit: 10 });
  expect(digits.size).toBe(10);
  expect(() => registry.create('data', 'minst')).toThrow(/did you mean 'mnist'/);
});
