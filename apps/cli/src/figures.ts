import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRng, TweedieError, throwIfAborted } from '@tweedie/core';
import { renderSvg } from '@tweedie/plots';
import { renderPng } from '@tweedie/plots/node';
import { makeFolders } from '@tweedie/training/node';
import pc from 'picocolors';
import { openBackend } from 'tweedie';
import { exitCodes } from './failure.js';
import { allFigures, type FigureEntry } from './figures/all-figures.js';
import type { Bench } from './figures/bench.js';
import { interruptible } from './interrupt.js';
import { formatDuration } from './progress.js';
import { writeWhole } from './write-samples.js';

export interface FiguresFlags {
  readonly out: string;
  readonly only?: string;
  readonly seed: number;
  readonly effort: number;
  readonly run?: string;
  readonly backend: string;
  readonly json?: boolean;
}

/** Draws the figures of the lecture from computations made on the spot, as SVG and PNG. */
export async function figuresCommand(flags: FiguresFlags): Promise<number> {
  const chosen = chooseFigures(flags.only);
  await prepareFolder(flags.out);
  const startedAt = performance.now();
  const backend = await openBackend(flags.backend);
  const note = (text: string) => process.stderr.write(`${text}\n`);
  const interrupt = interruptible(() => note(`\n${pc.yellow('stopping')}; once more ends at once`));
  const bench: Bench = {
    backend,
    seed: flags.seed,
    rng: createRng(flags.seed),
    effort: flags.effort,
    signal: interrupt.signal,
    run: flags.run,
    note,
    shared: new Map(),
  };
  const figures = [];
  try {
    for (const { number, slug, draw } of chosen) {
      const { figure, numbers } = await draw(bench);
      throwIfAborted(interrupt.signal, 'cli');
      const svg = renderSvg(figure);
      const png = await renderPng(svg, { scale: 2 });
      const path = join(flags.out, `figure-${number}-${slug}`);
      writeWhole(`${path}.svg`, svg);
      writeWhole(`${path}.png`, png);
      figures.push({ figure: number, svg: `${path}.svg`, png: `${path}.png`, numbers });
      if (!flags.json) process.stdout.write(`${path}.svg\n${path}.png\n`);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const result = {
      figures,
      backend: backend.name,
      seed: flags.seed,
      seconds: Math.round(seconds),
    };
    if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    note(`${pc.green('done')} ${figures.length} figures in ${formatDuration(seconds)}`);
    return exitCodes.ok;
  } finally {
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
  if (only === undefined) return allFigures;
  const wanted = only.split(',').map((part) => part.trim());
  const wrong = wanted.find((part) => !allFigures.some(({ number }) => String(number) === part));
  if (wrong === undefined)
    return allFigures.filter(({ number }) => wanted.includes(String(number)));
  throw new TweedieError({
    code: 'INVALID_OPTION',
    package: 'cli',
    given: `--only names '${wrong}'`,
    allowed: `${allFigures.map(({ number }) => number).join(', ')}, with commas between`,
    fix: `as in --only 1,3`,
  });
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
