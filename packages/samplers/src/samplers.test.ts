import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { samplers } from './index.js';

const tests = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'));

describe('the list of samplers', () => {
  it('has each once', () => {
    expect(new Set(samplers.map(({ id }) => id)).size).toBe(samplers.length);
  });

  it.each(samplers.map((factory) => [factory.id, factory] as const))(
    '%s is made by its name with default options, and held to the kit in a test of its own',
    (id, factory) => {
      expect(factory().name).toBe(id);
      expect(tests).toContain(`${id}.test.ts`);
      expect(readFileSync(join(import.meta.dirname, `${id}.test.ts`), 'utf8')).toContain(
        'testSampler(',
      );
    },
  );
});
