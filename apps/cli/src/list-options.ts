import { type JsonObject, type ListedOption, listOptions, type OptionSpecs } from '@tweedie/core';
import { trainingOptions } from '@tweedie/training';
import pc from 'picocolors';
import { findRecipe, overrideConfig, resolveConfig, runParts } from 'tweedie';
import { exitCodes } from './failure.js';
import { openRegistry } from './open-registry.js';
import { writeResult } from './output.js';
import { splitSetting } from './settings.js';

export interface OptionsFlags {
  readonly plugin?: readonly string[];
  /** As for training, so that the options of other parts than the recipe's are listed. */
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** Prints each option of each part of a recipe: path, value, what is allowed, what it means. */
export async function optionsCommand(id: string, flags: OptionsFlags): Promise<number> {
  const { registry, recipes } = await openRegistry(flags);
  const changed = flags.set
    .map(splitSetting)
    .reduce(
      (config, [path, text]) => overrideConfig(config, registry, path, text),
      findRecipe(id, recipes).config,
    );
  const config = resolveConfig(changed, registry);
  const rows: ListedOption[] = [];
  const add = (part: string, specs: OptionSpecs, values: JsonObject) => {
    const listed = listOptions(specs, values, registry.plugins);
    rows.push(...listed.map((row) => ({ ...row, path: `${part}.${row.path}` })));
  };
  for (const kind of runParts) {
    const choice = config[kind];
    rows.push({
      path: kind,
      value: choice.name,
      allowed: `one of ${registry.names(kind).join(', ')}`,
      doc: registry.factory(kind, choice.name).doc,
    });
    add(kind, registry.factory(kind, choice.name).options, choice.options);
  }
  add('training', trainingOptions, config.training);
  for (const kind of ['sampler', 'grid'] as const) {
    const choice = config.sampling[kind];
    const factory = registry.factory(kind, choice.name);
    const path = `sampling.${kind}`;
    const allowed = `one of ${registry.names(kind).join(', ')}`;
    rows.push({ path, value: choice.name, allowed, doc: factory.doc });
    add(path, factory.options, choice.options);
  }
  rows.push({
    path: 'sampling.batchSize',
    value: config.sampling.batchSize,
    allowed: 'a whole number of at least 1',
    doc: 'items that are sampled together; more need more memory',
  });
  if (flags.json) writeResult(`${JSON.stringify(rows)}\n`);
  else writeResult(`${rows.map(formatRow).join('\n')}\n`);
  return exitCodes.ok;
}

function formatRow({ path, value, allowed, doc }: ListedOption): string {
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return `${pc.bold(path)}=${shown}\n    ${doc} (${allowed})`;
}
