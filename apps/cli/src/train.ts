import { join } from 'node:path';
import { type Backend, type FloatArray, hostArray } from '@tweedie/core';
import { checkTrainingMemory, type Training, train, trainingMemory } from '@tweedie/training';
import { openRunFolder, type RunFolder } from '@tweedie/training/node';
import pc from 'picocolors';
import {
  changeableSettings,
  checkSamplingMemory,
  createRun,
  findRecipe,
  neededModules,
  openBackend,
  overrideConfig,
  type Run,
  type RunConfig,
  readStoredConfig,
  resolveConfig,
  type TweedieRegistry,
} from 'tweedie';
import { drawSamples } from './draw-samples.js';
import { exitCodes } from './failure.js';
import { imageGrid, type Pixels } from './image-grid.js';
import { interruptedCode, interruptible } from './interrupt.js';
import { type OpenRegistry, openRegistry } from './open-registry.js';
import { note, notes, writeResult } from './output.js';
import { preview } from './preview.js';
import { formatDuration } from './progress.js';
import { runSteps } from './run-steps.js';
import { sampleHint } from './sample-hint.js';
import { splitSetting } from './settings.js';
import { warnOfMemory } from './warn-memory.js';
import { picture, writeSamples } from './write-samples.js';

export interface TrainFlags {
  readonly out?: string;
  readonly resume?: boolean;
  readonly steps?: number;
  readonly batch?: number;
  readonly seed?: number;
  readonly data?: string;
  readonly samples: number;
  readonly checkpointEvery: number;
  readonly set: readonly string[];
  readonly plugin?: readonly string[];
  readonly backend: string;
  readonly json?: boolean;
}

/** What `tweedie train --json` prints. */
interface TrainResult {
  readonly run: string;
  readonly step: number;
  readonly loss: number | null;
  readonly backend: string;
  readonly seconds: number;
  readonly checkpoint: string;
  readonly samples: string | null;
  readonly interrupted: boolean;
}

/** A recipe with what the flags change, every default filled in. */
function configFromFlags(
  recipe: string,
  flags: TrainFlags,
  { registry, recipes, modules }: OpenRegistry,
): RunConfig {
  const settings: (readonly [string, string])[] = [];
  if (flags.data !== undefined) settings.push(['data', flags.data]);
  if (flags.steps !== undefined) settings.push(['training.steps', String(flags.steps)]);
  if (flags.batch !== undefined) settings.push(['training.batchSize', String(flags.batch)]);
  if (flags.seed !== undefined) settings.push(['training.seed', String(flags.seed)]);
  settings.push(...flags.set.map(splitSetting));
  const changed = settings.reduce(
    (config, [path, text]) => overrideConfig(config, registry, path, text),
    findRecipe(recipe, recipes).config,
  );
  const config = resolveConfig(changed, registry);
  const plugins = neededModules(config, modules);
  return plugins.length === 0 ? config : { ...config, plugins };
}

/**
 * Refuses a run that no machine has the memory for, and warns of one that this machine has not.
 *
 * @throws TweedieError INVALID_VALUE
 */
function checkMemoryOf(run: Run, flags: TrainFlags): void {
  const { model, data, optimizer, config } = run;
  const request = { model, data, optimizer, options: config.training };
  checkTrainingMemory(request);
  warnOfMemory('training', trainingMemory(request));
  if (flags.samples === 0) return;
  const { network } = model;
  const { batchSize } = config.sampling;
  checkSamplingMemory({ itemShape: network.itemShape, count: flags.samples, batchSize, network });
}

/** Trains into a run folder, keeps checkpoints, and shows samples at the end. */
export async function trainCommand(recipe: string, flags: TrainFlags): Promise<number> {
  const opened = await openRegistry(flags);
  const { registry } = opened;
  const config = configFromFlags(recipe, flags, opened);
  const run = createRun(config, registry);
  checkMemoryOf(run, flags);
  const backend = await openBackend(flags.backend);
  try {
    const folder = await openRunFolder(flags.out ?? join('runs', recipe), config, {
      resume: flags.resume,
      readStored: (stored) => readStoredConfig(stored, registry, opened.modules),
      mayChange: changeableSettings,
    });
    const interrupt = interruptible(() =>
      note(`\n${pc.yellow('stopping')} after this step; press Ctrl-C again to stop at once`),
    );
    let failed = true;
    try {
      for (const warning of folder.warnings) note(`${pc.yellow('warning')} ${warning}`);
      const result = await trainInto(folder, { run, backend, flags, registry, interrupt });
      if (flags.json) writeResult(`${JSON.stringify(result)}\n`);
      failed = false;
      return result.interrupted ? interruptedCode(interrupt.signal.reason) : exitCodes.ok;
    } finally {
      // A run that did not make its first step is not in the way of the corrected command.
      await (failed ? folder.discard() : folder.close());
      interrupt.release();
    }
  } finally {
    await backend.dispose();
  }
}

/** What training into a folder needs. */
interface TrainingContext {
  readonly run: Run;
  readonly backend: Backend;
  readonly flags: TrainFlags;
  readonly registry: TweedieRegistry;
  readonly interrupt: ReturnType<typeof interruptible>;
}

async function trainInto(folder: RunFolder, context: TrainingContext): Promise<TrainResult> {
  const { run, backend, flags, interrupt } = context;
  const startedAt = performance.now();
  const training = train({
    model: run.model,
    loss: run.loss,
    optimizer: run.optimizer,
    data: run.data,
    backend,
    options: run.config.training,
    config: run.config,
    initial: folder.initial,
    signal: interrupt.signal,
  });
  try {
    const begun = folder.initial === undefined ? '' : ` from step ${folder.initial.step}`;
    note(
      `${pc.bold(run.config.recipe)}${begun} · ${run.data.name} · ${run.model.network.name} · backend ${backend.name} · ${pc.dim(folder.path)}`,
    );
    const last = await runSteps(training, folder, flags.checkpointEvery);
    const checkpoint = await folder.saveCheckpoint(await training.snapshot());
    const seconds = (performance.now() - startedAt) / 1000;
    const interrupted = interrupt.signal.aborted && training.step < training.options.steps;
    const samples =
      interrupted || flags.samples === 0 ? null : await sampleInto(folder, training, context);
    const result: TrainResult = {
      run: folder.path,
      step: training.step,
      loss: last?.loss ?? null,
      backend: backend.name,
      seconds: Math.round(seconds * 10) / 10,
      checkpoint,
      samples,
      interrupted,
    };
    summarize(result, training, context);
    return result;
  } finally {
    await training.dispose();
  }
}

/** Draws samples with the averaged weights into the run folder and, on a terminal, shows them. */
async function sampleInto(
  folder: RunFolder,
  training: Training,
  { run, backend, flags, registry, interrupt }: TrainingContext,
): Promise<string> {
  const { config } = run;
  const samples = await drawSamples({
    config,
    registry,
    backend,
    params: await training.weights('ema'),
    sampling: config.sampling,
    count: flags.samples,
    seed: training.options.seed,
    signal: interrupt.signal,
  });
  const pixels = picture(samples);
  const path = join(folder.path, pixels === undefined ? 'samples.npy' : 'samples.png');
  await writeSamples(path, samples);
  if (!flags.json) {
    const look = {
      columns: notes.columns ?? 80,
      colour: notes.isTTY && pc.isColorSupported,
    };
    const shown = previewPicture(samples, look.columns);
    if (shown !== undefined) note(preview(shown, look));
  }
  return path;
}

/** What fits a terminal: two rows of images, or a small map of points, light on dark. */
function previewPicture(samples: FloatArray, columns: number): Pixels | undefined {
  if (samples.shape.length === 2) {
    const pixels = picture(samples, Math.min(columns - 1, 64));
    return pixels && { ...pixels, data: pixels.data.map((value) => 255 - value) };
  }
  if (samples.shape.length !== 4) return undefined;
  const [count, , width] = samples.shape as [number, number, number];
  const across = Math.max(1, Math.floor((columns - 3) / (width + 2)));
  const kept = Math.min(count, 2 * across);
  const size = samples.data.length / count;
  const first = hostArray(samples.data.subarray(0, kept * size), [kept, ...samples.shape.slice(1)]);
  return imageGrid(first, across);
}

function summarize(
  result: TrainResult,
  training: Training,
  { flags, run: { model } }: TrainingContext,
): void {
  const { itemShape } = model.network;
  const { run, samples, interrupted, seconds } = result;
  if (interrupted) {
    note(`Saved step ${result.step} of ${training.options.steps}: ${result.checkpoint}`);
    note('To continue, run the same command with --resume.');
    return;
  }
  note(`${pc.green('done')} ${result.step} steps in ${formatDuration(seconds)}`);
  if (samples !== null) note(`samples     ${samples}`);
  note(`checkpoint  ${result.checkpoint}`);
  note(`more        ${sampleHint(run, flags.plugin ?? [], itemShape)}`);
}
