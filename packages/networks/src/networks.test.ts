import { createParameterLayout } from '@tweedie/autodiff';
import { createRegistry } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { networks } from './index.js';

describe.each(networks.map((factory) => [factory.id, factory] as const))('%s', (id, factory) => {
  it('is rebuilt by its name and its options', () => {
    const network = factory();
    expect(network.name).toBe(id);
    const config = JSON.parse(JSON.stringify(network.config));
    const again = createRegistry({ network: networks }).create('network', id, config);
    expect(again.config).toEqual(network.config);
    expect(again.parameters).toEqual(network.parameters);
  });

  it('declares its parameters without values', () => {
    expect(createParameterLayout(factory().parameters).size).toBeGreaterThan(0);
  });
});
