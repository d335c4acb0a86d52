import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { AnyFactory } from '@tweedie/core';
import * as core from '@tweedie/core';
import * as data from '@tweedie/data';
import * as nodeData from '@tweedie/data/node';
import * as losses from '@tweedie/losses';
import * as networks from '@tweedie/networks';
import * as samplers from '@tweedie/samplers';
import * as schedules from '@tweedie/schedules';
import * as training from '@tweedie/training';
import { describe, expect, it } from 'vitest';
import { createNodeRegistry } from './node.js';

const registry = createNodeRegistry();

/** The kit of each kind, the package whose tests run it, and its lists of all. */
const kits = [
  ['sampler', 'testSampler', 'samplers', samplers],
  ['schedule', 'testSchedule', 'schedules', schedules],
  ['grid', 'testGrid', 'schedules', schedules],
  ['parameterization', 'testParameterization', 'denoisers', core],
  ['loss', 'testLoss', 'losses', losses],
  ['network', 'testNetwork', 'networks', networks],
  ['data', 'testDataset', 'data', { ...data, ...nodeData }],
  ['optimizer', 'testOptimizer', 'training', training],
  ['parameterization', 'testParameterization', 'denoisers', core],
  ['grid', 'testGrid', 'schedules', schedules],
] as const;

/** Tests of a package that call a kit, themselves or in a `*.testing.ts` that they import. */
function testsWith(kit: string, folder: string): readonly string[] {
  const source = resolve(import.meta.dirname, '../..', folder, 'src');
  const calls = (text: string) => text.includes(`${kit}(`);
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => {
      const path = join(source, name);
      const text = readFileSync(path, 'utf8');
      const imported = [...text.matchAll(/'(\.[^']*\.testing)\.js'/g)].map(([, file]) =>
        readFileSync(join(dirname(path), `${file}.ts`), 'utf8'),
      );
      return [text, ...imported].some(calls) ? [text] : [];
    });
}

describe.each(kits)('every %s', (kind, kit, folder, exported) => {
  const tests = testsWith(kit, folder);
  const factories: readonly AnyFactory[] = registry.factories(kind);
  it.each(factories.map((factory) => [factory.id, factory] as const))(
    `%s is tested by ${kit}`,
    (_id, factory) => {
      const entries = Object.entries(exported);
      const name = entries.find(([, value]) => value === factory)?.[0];
      const list = entries.find(([, value]) => (value as unknown[]).includes?.(factory))?.[0];
      const used = [
        // testSampler('ddim, eta 1', () => ddim({ eta: 1 })), or the same as a row of a table
        `(test\\w+\\(|\\[)[\\s]*['"\`][^;]*?=>\\s*${name}\\(`,
        // testBetaSchedule('cosine', cosine)
        `test\\w+\\(\\s*['"\`][^;]*?,\\s*${name}\\b`,
        // for (const factory of datasets) testDataset(…)
        `\\b${list}\\b(?!['/]).*\\s.*test\\w+\\(|for \\(const [^;]*\\b${list}\\)`,
      ].map((pattern) => new RegExp(pattern));
      expect(tests.some((text) => used.some((pattern) => pattern.test(text)))).toBe(true);
    },
  );
});
