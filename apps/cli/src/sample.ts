import { join } from 'node:path';
import { loadRun } from '@tweedie/training/node';
import pc from 'picocolors';
import {
  openBackend,
  overrideConfig,
  type RunConfig,
  readStoredConfig,
  resolveConfig,
  type TweedieRegistry,
} from 'tweedie';
import { drawSamples } from './draw-samples.js';
import { exitCodes } from './failure.js';
import { interruptible } from './interrupt.js';
import { openRegistry } from './open-registry.js';
import { splitSetting } from './settings.js';
import { checkSamplePath, writeSamples } from './write-samples.js';

export interface SampleFlags {
  readonly count: number;
  readonly sampler?: string;
  readonly grid?: string;
  readonly steps?: number;
  readonly seed: number;
  readonly weights: 'ema' | 'raw';
  readonly out?: string;
  readonly set: readonly string[];
  readonly plugin?: readonly string[];
  readonly int8?: boolean;
  readonly backend: string;
  readonly json?: boolean;
}

/** Draws samples from a run folder into a file. */
export async function sampleCommand(path: string, flags: SampleFlags): Promise<number> {
  const settings: (readonly [string, string])[] = [];
  if (flags.sampler !== undefined) settings.push(['sampling.sampler', flags.sampler]);
  if (flags.grid !== undefined) settings.push(['sampling.grid', flags.grid]);
  if (flags.steps !== undefined) settings.push(['sampling.grid.steps', String(flags.steps)]);
  for (const [name, text] of flags.set.map(splitSetting)) settings.push([`sampling.${name}`, text]);

  const { registry, modules } = await openRegistry(flags);
  const loaded = await loadRun(path, { weights: flags.weights });
  for (const warning of loaded.warnings) {
    process.stderr.write(`${pc.yellow('warning')} ${warning}\n`);
  }
  const stored = readStoredConfig(loaded.config, registry, modules);
  const config = resolveConfig(
    settings.reduce((all, [name, text]) => overrideConfig(all, registry, name, text), stored),
    registry,
  );
  const isPicture = [2, 4].includes(1 + itemRank(config, registry));
  const out = flags.out ?? join(path, isPicture ? 'samples.png' : 'samples.npy');
  checkSamplePath(out);

  const backend = await openBackend(flags.backend);
  const interrupt = interruptible(() => process.stderr.write('\nstopping\n'));
  try {
    const samples = await drawSamples({
      config,
      registry,
      backend,
      params: loaded.params,
      sampling: config.sampling,
      count: flags.count,
      seed: flags.seed,
      int8: flags.int8,
      signal: interrupt.signal,
    });
    writeSamples(out, samples);
    const result = {
      samples: out,
      shape: samples.shape,
      step: loaded.step,
      backend: backend.name,
      precision: flags.int8 ? 'int8' : 'float32',
    };
    process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : `${out}\n`);
    return exitCodes.ok;
  } finally {
    interrupt.release();
    await backend.dispose();
  }
}

function itemRank(config: RunConfig, registry: TweedieRegistry): number {
  return registry.create('network', config.network.name, config.network.options).itemShape.length;
}
