import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRng, floats, type JsonObject, parseJson, TweedieError } from '@tweedie/core';
import { loadRun, openRunFolder, readRunConfig, runPaths } from '@tweedie/training/node';
import {
  changeableSettings,
  createModel,
  createSampling,
  type RunConfig,
  readStoredConfig,
  recipes,
  resolveConfig,
} from 'tweedie';
import { createNodeRegistry } from 'tweedie/node';
import { createDice, type Dice } from '../dice.js';
import { mutatedJson, mutatedText } from '../mutate-json.js';
import type { Fuzzer } from './fuzzer.js';

const registry = createNodeRegistry();
/** What runs of all recipes hold, and every plug-in with its defaults in its place. */
const configs = recipes.map(({ config }) => resolveConfig(config, registry));
const read = (stored: JsonObject) => readStoredConfig(stored, registry);

/** A configuration in which one part is another plug-in. */
function variedConfig(dice: Dice): JsonObject {
  const config = dice.pick(configs);
  const kind = dice.pick([
    'data',
    'network',
    'schedule',
    'loss',
    'optimizer',
    'parameterization',
  ] as const);
  if (dice.oneIn(2)) return config;
  return { ...config, [kind]: { name: dice.pick(registry.names(kind)), options: {} } };
}

/** Makes all that a run is made of, but for data, which may be files of this machine. */
function makeParts(config: RunConfig): void {
  const model = createModel(config, registry);
  createSampling(config.sampling, model, registry);
  registry.create('loss', config.loss.name, config.loss.options);
  registry.create('optimizer', config.optimizer.name, config.optimizer.options);
}

/** Short enough for a terminal, and nothing that one obeys. */
function isReadable(message: string): boolean {
  return message.length < 10_000 && !/\p{Cc}/u.test(message);
}

/**
 * Gives mutated texts of config.json to what resumes, samples, exports and draws figures of a run:
 * `loadRun`, `openRunFolder` and `readRunConfig`, and then makes the parts of what was accepted.
 */
export const fuzzer: Fuzzer = {
  group: 'configs',
  name: 'config',
  async run({ seed, count, report }) {
    const folder = join(await mkdtemp(join(tmpdir(), 'tweedie-fuzz-config-')), 'run');
    const stored = configs.at(-1)!;
    const opened = await openRunFolder(folder, stored);
    const weights = { w: floats([1]) };
    await opened.saveCheckpoint({
      step: 1,
      rng: createRng(0).state(),
      config: stored,
      params: weights,
      ema: weights,
      slots: {},
    });
    await opened.close();
    const options = { readStored: read, mayChange: changeableSettings };
    const before = Object.getOwnPropertyNames(Object.prototype).join();
    const counts = { inputs: count, accepted: 0, refused: 0 };
    try {
      for (let index = 0; index < count; index++) {
        const dice = createDice(seed, index);
        const way = index % 4;
        const base = way < 2 ? stored : variedConfig(dice);
        const whole = JSON.stringify({ format: 'tweedie-run-1', config: base });
        const mutated = mutatedJson(parseJson(whole), dice);
        const text = dice.oneIn(5) ? mutatedText(mutated, dice) : mutated;
        await writeFile(runPaths(folder).config, text);
        report.input(index);
        try {
          if (way === 0) makeParts((await loadRun(folder, options)).config);
          else if (way === 1) {
            const run = await openRunFolder(folder, stored, { ...options, resume: true });
            await run.close();
          } else makeParts(read(await readRunConfig(folder)));
          counts.accepted++;
        } catch (error) {
          if (TweedieError.isInstance(error) && isReadable(error.message)) counts.refused++;
          else report.fault(index, `${(error as Error)?.stack ?? error}: ${text.slice(0, 5000)}`);
        }
        if (Object.getOwnPropertyNames(Object.prototype).join() !== before) {
          report.fault(index, `a prototype was changed: ${text.slice(0, 5000)}`);
        }
      }
    } finally {
      await rm(join(folder, '..'), { recursive: true, force: true });
    }
    return counts;
  },
};
