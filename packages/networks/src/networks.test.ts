import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createParameterLayout } from '@tweedie/autodiff';
import { createRegistry } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { networks } from './index.js';

const tests = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => readFileSync(join(import.meta.dirname, path), 'utf8'));

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

  it('is held to the conformance kit, on a small instance, by a test of its own', () => {
    // Defaults are networks of up to 30 million parameters, so each test chooses an instance.
    const isRun = new RegExp(`testNetwork\\(\\s*'${id}'`);
    expect(tests.some((test) => isRun.test(test))).toBe(true);
  });
});
