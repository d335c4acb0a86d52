import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as core from '@tweedie/core';
import { type AnyFactory, describeOption, type OptionSpecs } from '@tweedie/core';
import * as data from '@tweedie/data';
import * as nodeData from '@tweedie/data/node';
import * as losses from '@tweedie/losses';
import * as networks from '@tweedie/networks';
import * as samplers from '@tweedie/samplers';
import * as schedules from '@tweedie/schedules';
import * as training from '@tweedie/training';
import { describe, expect, it } from 'vitest';
import { createNodeRegistry } from './node.js';
import { recipes } from './recipes.js';

/**
 * Lists of plug-ins and options in READMEs are written here, from what each factory declares:
 * `npm run readmes` writes them anew. They stand between `<!-- table: NAME -->` and
 * `<!-- /table -->`; what is around them is written by hand.
 */
const root = resolve(import.meta.dirname, '../../..');
const registry = createNodeRegistry();
const modules: readonly object[] = [
  ...[core, data, nodeData, losses, networks, samplers, schedules, training],
];

const code = (text: string) => `\`${text}\``;
function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** What a factory is exported as; '' where only its registry list has it. */
function exportName(factory: AnyFactory): string {
  for (const module of modules) {
    const found = Object.entries(module).find(([, value]) => value === factory);
    if (found !== undefined) return code(found[0]);
  }
  return '';
}

/** A row an option, and after a variant one for each option of its alternatives. */
function optionRows(specs: OptionSpecs, prefix = ''): string[][] {
  return Object.entries(specs).flatMap(([name, option]) => {
    const path = `${prefix}${name}`;
    const row = [
      code(path),
      code(JSON.stringify(option.default)),
      describeOption(option),
      option.doc,
    ];
    if (option.kind !== 'variant') return [row];
    const alternatives = Object.entries(option.alternatives).map(([alternative, { options }]) =>
      optionRows(options, `${path}.`).map((inner) => [
        `${inner[0]} of ${alternative}`,
        ...inner.slice(1),
      ]),
    );
    return [row, ...alternatives.flat()];
  });
}

/** Plug-ins of a kind, then the options of each. */
function plugins(kind: Parameters<typeof registry.factories>[0]): string {
  const factories: readonly AnyFactory[] = registry.factories(kind);
  const has = {
    exports: factories.some((factory) => exportName(factory) !== ''),
    sources: factories.some(({ source }) => source !== undefined),
  };
  const hidden = factories.filter((factory) => exportName(factory) === '');
  if (has.exports && hidden.length > 0) {
    throw new Error(`${kind} ${hidden.map(({ id }) => id)}: in the list, but not exported`);
  }
  const list = table(
    ['name', ...(has.exports ? ['factory'] : []), 'what it is', ...(has.sources ? ['source'] : [])],
    factories.map((factory) => [
      code(factory.id),
      ...(has.exports ? [exportName(factory)] : []),
      factory.doc,
      ...(has.sources ? [factory.source ?? ''] : []),
    ]),
  );
  const options = sharedOptions(factories);
  if (options.length === 0) return list;
  return `${list}\n\n${table(['of', 'option', 'default', 'allowed', 'what it does'], options)}`;
}

/** A row an option, which says whose it is: 'all', or names. */
function sharedOptions(factories: readonly AnyFactory[]): string[][] {
  const owners = new Map<string, string[]>();
  const rows = new Map<string, string[]>();
  for (const { id, options } of factories) {
    for (const row of optionRows(options)) {
      const key = row.join('|');
      rows.set(key, row);
      owners.set(key, [...(owners.get(key) ?? []), code(id)]);
    }
  }
  return [...rows].map(([key, row]) => {
    const ids = owners.get(key)!;
    return [ids.length > 1 && ids.length === factories.length ? 'all' : ids.join(', '), ...row];
  });
}

const tables: Readonly<Record<string, () => string>> = {
  ...Object.fromEntries(registry.kinds().map((kind) => [kind, () => plugins(kind)])),
  'training options': () =>
    table(['option', 'default', 'allowed', 'what it does'], optionRows(training.trainingOptions)),
  'all plug-ins': () =>
    table(
      ['kind', 'names'],
      registry.kinds().map((kind) => [kind, registry.names(kind).map(code).join(', ')]),
    ),
  recipes: () =>
    table(
      ['recipe', 'what it is'],
      recipes.map(({ id, doc }) => [code(id), doc]),
    ),
};

/** The tables of each README. */
const readmes: Readonly<Record<string, readonly string[]>> = {
  'README.md': ['all plug-ins'],
  'apps/cli/README.md': ['recipes'],
  'packages/core/README.md': ['parameterization'],
  'packages/data/README.md': ['data'],
  'packages/losses/README.md': ['loss', 'weighting'],
  'packages/networks/README.md': ['network'],
  'packages/samplers/README.md': ['sampler'],
  'packages/schedules/README.md': ['schedule', 'grid'],
  'packages/training/README.md': ['training options', 'optimizer'],
  'packages/tweedie/README.md': ['recipes'],
};

const marked = /(<!-- table: ([\w -]+?) -->\n)[\s\S]*?(<!-- \/table -->)/g;

describe('the tables of', () => {
  it.each(Object.entries(readmes))('%s are what the factories say', async (path, names) => {
    const found: string[] = [];
    const text = readFileSync(join(root, path), 'utf8').replace(
      marked,
      (_all, begin: string, name: string, end: string) => {
        found.push(name);
        return `${begin}\n${tables[name]?.() ?? `There is no table '${name}'.`}\n\n${end}`;
      },
    );
    expect(found).toEqual(names);
    await expect(text).toMatchFileSnapshot(join(root, path));
  });

  it('all plug-ins are in some README', () => {
    const listed = Object.values(readmes).flat();
    expect(registry.kinds().filter((kind) => !listed.includes(kind))).toEqual([]);
  });
});
