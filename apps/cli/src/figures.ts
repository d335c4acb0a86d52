import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TweedieError, throwIfAborted } from '@tweedie/core';
import { mnist } from '@tweedie/data/node';
import {
  createFigureContext,
  type DigitModel,
  type FigureEntry,
  type FigureProgress,
  figures,
} from '@tweedie/figures';
import { renderSvg } from '@tweedie/plots';
import { renderPng } from '@tweedie/plots/node';
import { makeFolders } from '@tweedie/training/node';
import pc from 'picocolors';
import { createModel, openBackend } from 'tweedie';
import { exitCodes } from './failure.js';
import { interruptible } from './interrupt.js';
import { openRun } from './open-run.js';
import { createProgress, formatDuration, type Progress } from './progress.js';
import { writeWhole } from './write-samples.js';

export interface FiguresFlags {
  readonly out: string;
  readonly only?: string;
  readonly seed: number;
  readonly effort: number;
  readonly run?: string;
  readonly plugin?: readonly string[];
  readonly backend: string;
  readonly json?: boolean;
}

/** Computes the figures of the founding slides and writes each as SVG and PNG. */
export async function figuresCommand(flags: FiguresFlags): Promise<number> {
  const chosen = chooseFigures(flags.only);
  await prepareFolder(flags.out);
  const digitModel = flags.run === undefined ? undefined : await openDigitModel(flags.run, flags);
  const startedAt = performance.now();
  const backend = await openBackend(flags.backend);
  const note = (text: string) => process.stderr.write(`${text}\n`);
  const interrupt = interruptible(() =>
    note(`\n${pc.yellow('stopping')}; press Ctrl-C again to stop at once`),
  );
  const progress = figureProgress(note);
  const context = createFigureContext({
    backend,
    seed: flags.seed,
    effort: flags.effort,
    signal: interrupt.signal,
    digits: () => mnist({ limit: 2000 }),
    digitModel,
    onProgress: progress.show,
  });
  const drawn = [];
  try {
    for (const { number, slug, draw } of chosen) {
      const { figure, numbers } = await draw(context);
      throwIfAborted(interrupt.signal, 'cli');
      const svg = renderSvg(figure);
      const png = await renderPng(svg, { scale: 2 });
      const path = join(flags.out, `figure-${number}-${slug}`);
      writeWhole(`${path}.svg`, svg);
      writeWhole(`${path}.png`, png);
      drawn.push({ figure: number, svg: `${path}.svg`, png: `${path}.png`, numbers });
      if (!flags.json) process.stdout.write(`${path}.svg\n${path}.png\n`);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const result = {
      figures: drawn,
      backend: backend.name,
      seed: flags.seed,
      seconds: Math.round(seconds),
    };
    if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    note(`${pc.green('done')} ${drawn.length} figures in ${formatDuration(seconds)}`);
    return exitCodes.ok;
  } finally {
    progress.finish();
    interrupt.release();
    await backend.dispose();
  }
}

/**
 * The figures of a list such as '1,3', in their order; all without one.
 *
 * @throws TweedieError INVALID_OPTION
 */
export function chooseFigures(only: string | undefined): readonly FigureEntry[] {
  if (only === undefined) return figures;
  const wanted = only.split(',').map((part) => part.trim());
  const wrong = wanted.find((part) => !figures.some(({ number }) => String(number) === part));
  if (wrong === undefined) return figures.filter(({ number }) => wanted.includes(String(number)));
  throw new TweedieError({
    code: 'INVALID_OPTION',
    package: 'cli',
    given: `--only names '${wrong}'`,
    allowed: `${figures.map(({ number }) => number).join(', ')}, with commas between`,
    fix: `as in --only 1,3`,
  });
}

/** Shows what a figure is doing: a line a stage, and a bar for training. */
function figureProgress(note: (text: string) => void) {
  let bar: { readonly task: string; readonly progress: Progress } | undefined;
  const finish = () => {
    bar?.progress.finish();
    bar = undefined;
  };
  return {
    finish,
    show({ task, done, total, loss }: FigureProgress): void {
      if (bar?.task !== task) finish();
      if (done === undefined || total === undefined) {
        note(task);
        return;
      }
      bar ??= { task, progress: createProgress({ total, label: task }) };
      bar.progress.update(done, loss === undefined ? '' : `loss ${loss.toFixed(3)}`);
    },
  };
}

/** @throws TweedieError as `openRun` */
async function openDigitModel(
  run: string,
  { plugin = [] }: Pick<FiguresFlags, 'plugin'>,
): Promise<DigitModel> {
  const { registry, config, params, step } = await openRun(run, { plugin });
  return {
    description: `network of ${run}, step ${step}`,
    model: createModel(config, registry),
    params,
  };
}

/**
 * Makes the folder and proves that it can be written to, before minutes are spent on computing.
 *
 * @throws TweedieError IO
 */
async function prepareFolder(path: string): Promise<void> {
  try {
    await makeFolders(path);
    const probe = join(path, `.tweedie-${process.pid}.tmp`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (cause) {
    throw new TweedieError({
      code: 'IO',
      package: 'cli',
      given: `the folder '${path}' cannot be written to (${(cause as Error).message})`,
      fix: 'name a folder that you may write to with --out',
      cause,
    });
  }
}
