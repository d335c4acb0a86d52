import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { AnyFactory } from '@tweedie/core';
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
  ['loss', 'testLoss', 'losses', losses],
  ['network', 'testNetwork', 'networks', networks],
  ['data', 'testDataset', 'data', { ...data, ...nodeData }],
  ['optimizer', 'testOptimizer', 'training', training],
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
    `%s is held to ${kit}`,
    (_id, factory) => {
      const names = Object.entries(exported)
        .filter(([, value]) => value === factory || (value as unknown[]).includes?.(factory))
        .map(([name]) => name);
      // By its own name, or by that of a list which it is in.
      const used = new RegExp(`\\b(${names.join('|')})\\b(?!['/])`);
      expect(tests.some((text) => used.test(text))).toBe(true);
    },
  );
});
