import { expect, it } from 'vitest';
import { samplers } from './index.js';

it('the list makes each by its name with default options, and has each once', () => {
  const ids = samplers.map(({ id }) => id);
  expect(samplers.map((factory) => factory().name)).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});
