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
import { writeFileAtomic } from '@tweedie/training/node';
import pc from 'picocolors';
import { createModel, openBackend } from 'tweedie';
import { exitCodes } from './failure.js';
import { interruptible } from './interrupt.js';
import { openRun } from './open-run.js';
import { note, writeResult } from './output.js';
import { prepareFolder } from './prepare-folder.js';
import { createProgress, formatDuration, type Progress } from './progress.js';

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

/** Computes the five figures and writes each as SVG and PNG. */
export async function figuresCommand(flags: FiguresFlags): Promise<number> {
  const chosen = chooseFigures(flags.only);
  await prepareFolder(flags.out);
  const digitModel = flags.run === undefined ? undefined : await openDigitModel(flags.run, flags);
  const startedAt = performance.now();
  const backend = await openBackend(flags.backend);
  const interrupt = interruptible(() =>
    note(`\n${pc.yellow('stopping')}; press Ctrl-C again to stop at once`),
  );
  const progress = figureProgress();
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
      await writeFileAtomic(`${path}.svg`, svg);
      await writeFileAtomic(`${path}.png`, png);
      drawn.push({ figure: number, svg: `${path}.svg`, png: `${path}.png`, numbers });
      if (!flags.json) writeResult(`${path}.svg\n${path}.png\n`);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const result = {
      figures: drawn,
      backend: backend.name,
      seed: flags.seed,
      seconds: Math.round(seconds),
    };
    if (flags.json) writeResult(`${JSON.stringify(result)}\n`);
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
function figureProgress() {
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
