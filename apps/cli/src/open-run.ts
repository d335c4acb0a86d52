import { loadRun } from '@tweedie/training/node';
import pc from 'picocolors';
import {
  changeableSettings,
  overrideConfig,
  type RunConfig,
  readStoredConfig,
  resolveConfig,
  type TweedieRegistry,
} from 'tweedie';
import { openRegistry } from './open-registry.js';
import { note } from './output.js';
import { splitSetting } from './settings.js';

/** Flags of the commands that read a run folder. */
export interface RunFlags {
  readonly plugin?: readonly string[];
  readonly weights?: 'ema' | 'raw';
  readonly sampler?: string;
  readonly grid?: string;
  readonly steps?: number;
  /** Options of the sampler or grid, as 'sampling.sampler.eta=0.5', or without 'sampling.'. */
  readonly set?: readonly string[];
}

/** A trained run, its configuration complete and with what the flags change of its sampling. */
export interface OpenRun extends Pick<Awaited<ReturnType<typeof loadRun>>, 'params' | 'step'> {
  readonly registry: TweedieRegistry;
  readonly config: RunConfig;
}

/**
 * Loads a run's weights and configuration, with its warnings on stderr.
 *
 * @throws TweedieError as `openRegistry`, `loadRun` and `overrideConfig`
 */
export async function openRun(path: string, flags: RunFlags): Promise<OpenRun> {
  const settings = samplingSettings(flags);
  const { registry, modules } = await openRegistry(flags);
  const { params, step, config, warnings } = await loadRun(path, {
    weights: flags.weights ?? 'ema',
    readStored: (stored) => readStoredConfig(stored, registry, modules),
    mayChange: changeableSettings,
  });
  for (const warning of warnings) note(`${pc.yellow('warning')} ${warning}`);
  const changed = settings.reduce(
    (all, [name, text]) => overrideConfig(all, registry, `sampling.${name}`, text),
    config,
  );
  return { params, step, registry, config: resolveConfig(changed, registry) };
}

function samplingSettings(flags: RunFlags): (readonly [path: string, text: string])[] {
  const { sampler, grid, steps, set = [] } = flags;
  const named = Object.entries({ sampler, grid, 'grid.steps': steps?.toString() });
  const given = named.flatMap(([name, text]) =>
    text === undefined ? [] : [[name, text] as const],
  );
  // The paths of `tweedie options`, which may leave out 'sampling.'.
  const settings = set.map(splitSetting);
  return [
    ...given,
    ...settings.map(([path, text]) => [path.replace(/^sampling\./, ''), text] as const),
  ];
}
