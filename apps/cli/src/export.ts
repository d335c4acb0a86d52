import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { TweedieError } from '@tweedie/core';
import {
  calibrationOf,
  checkExport,
  type ExportCheck,
  type ExportKind,
  exportModel,
} from '@tweedie/export';
import { writeFileAtomic } from '@tweedie/training/node';
import { exportRequest, openBackend } from 'tweedie';
import { exitCodes } from './failure.js';
import { interruptible } from './interrupt.js';
import { openRun, type RunFlags } from './open-run.js';
import { note, writeResult } from './output.js';

export interface ExportFlags extends RunFlags {
  readonly onnx: string;
  readonly what: ExportKind;
  readonly batch: number;
  readonly int8?: boolean;
  readonly backend: string;
  readonly json?: boolean;
}

/** Writes a run as an ONNX file, after it was run and found to agree with this library. */
export async function exportCommand(path: string, flags: ExportFlags): Promise<number> {
  checkTarget(flags.onnx);
  const { registry, config, params, step } = await openRun(path, flags);
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  const floats = exportRequest({
    config,
    params,
    registry,
    what: flags.what,
    batchSize: flags.batch,
    facts: { version, weights: flags.weights ?? 'ema', trainedSteps: step },
  });
  const backend = await openBackend(flags.backend);
  const interrupt = interruptible(() => note('\nstopping'));
  const { signal } = interrupt;
  try {
    if (flags.int8) note('drawing a few samples for the ranges of int8');
    const calibration = flags.int8 ? await calibrationOf(floats, { backend, signal }) : undefined;
    const request = { ...floats, calibration };
    const exported = await exportModel(request);
    note(`checking the ${flags.what} against this library (${backend.name})`);
    const check = await checkExport(exported, request, { backend, signal });
    if (!(check.difference <= check.tolerance)) throw disagrees(flags, check);
    await writeFileAtomic(flags.onnx, exported.model);
    const result = {
      file: flags.onnx,
      what: flags.what,
      precision: flags.int8 ? ('int8' as const) : ('float32' as const),
      bytes: exported.model.length,
      inputs: check.inputs,
      outputs: check.outputs,
      difference: check.difference,
      step,
    };
    writeResult(flags.json ? `${JSON.stringify(result)}\n` : describe(result));
    return exitCodes.ok;
  } finally {
    interrupt.release();
    await backend.dispose();
  }
}

interface Result extends Pick<ExportCheck, 'inputs' | 'outputs' | 'difference'> {
  readonly precision: 'float32' | 'int8';
  readonly file: string;
  readonly bytes: number;
}

function describe({ file, bytes, inputs, outputs, difference, precision }: Result): string {
  const measure = precision === 'int8' ? 'root mean square' : 'largest value';
  const list = (arrays: Result['inputs']) =>
    arrays.map(({ name, type, shape }) => `${name} ${type}[${shape.join(', ')}]`).join(', ');
  return [
    `${file}  ${(bytes / 1e6).toFixed(2)} MB`,
    `  inputs      ${list(inputs)}`,
    `  outputs     ${list(outputs)}`,
    `  difference  ${difference.toExponential(1)} of the ${measure}, by ONNX Runtime`,
    '',
  ].join('\n');
}

/**
 * Refuses a target that cannot be written, before any work is done.
 *
 * @throws TweedieError IO
 */
function checkTarget(path: string): void {
  const refuse = (why: string): never => {
    throw new TweedieError({
      code: 'IO',
      package: 'cli',
      given: `'${path}' cannot be written (${why})`,
      fix: 'name a file in a folder that you may write to with --onnx',
    });
  };
  if (existsSync(path) && statSync(path).isDirectory()) refuse('it is a folder');
  const folder = dirname(path);
  if (!existsSync(folder)) refuse(`there is no folder '${folder}'`);
  if (!statSync(folder).isDirectory()) refuse(`'${folder}' is no folder`);
  try {
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    refuse((cause as Error).message);
  }
}

function disagrees({ what }: ExportFlags, check: ExportCheck): TweedieError {
  const size = (value: number) => value.toExponential(1);
  return new TweedieError({
    code: 'INVALID_VALUE',
    package: 'cli',
    given: `the exported ${what} differs from this library by ${size(check.difference)} of its size, and no file was written`,
    allowed: `a difference of at most ${size(check.tolerance)}`,
    fix:
      what === 'sampler'
        ? 'a chain of many steps may drift so far by rounding alone: export the sampler-step, or take fewer steps'
        : 'look for weights that are not finite or very large; else report it',
  });
}
