import { type ChildProcess, spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { bundleProgram } from '../bundle.mjs';
import { type FaultPlan, planVariable } from '../faults/fault-plan.js';

/** How a process ended. */
export interface Ended {
  /** undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly stderr: string;
}

export interface TrainingProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts `tweedie train` in processes of their own. */
export interface Trainer {
  start(run: TrainingRun, faults?: FaultPlan): TrainingProcess;
}

/** A small training run, which a process does in a fraction of a second. */
export interface TrainingRun {
  readonly folder: string;
  readonly seed: number;
  readonly steps: number;
  readonly checkpointEvery: number;
  readonly samples: number;
}

/** Bundles the command line and the file layer, once for a whole campaign. */
export async function createTrainer(): Promise<Trainer> {
  const [cli, preload] = await Promise.all([
    bundleProgram('apps/cli/src/main.ts', 'cli'),
    bundleProgram('reliability/faults/preload.ts', 'preload'),
  ]);
  return {
    start(run, faults) {
      const child = spawn(
        process.execPath,
        ['--import', pathToFileURL(preload).href, cli, ...commandLine(run)],
        {
          stdio: ['ignore', 'ignore', 'pipe'],
          env: {
            ...process.env,
            NO_COLOR: '1',
            ...(faults && { [planVariable]: JSON.stringify(faults) }),
          },
        },
      );
      return { child, ended: endOf(child) };
    },
  };
}

function commandLine(run: TrainingRun): readonly string[] {
  return [
    ...['train', 'ncsn-toy', '--resume', '--backend', 'cpu', '--out', run.folder],
    ...['--seed', String(run.seed), '--steps', String(run.steps), '--batch', '4'],
    ...['--checkpoint-every', String(run.checkpointEvery), '--samples', String(run.samples)],
    ...['--set', 'network.widths=4', '--set', 'sampling.sampler.stepsPerLevel=1'],
  ];
}

function endOf(child: ChildProcess): Promise<Ended> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ code: code ?? undefined, signal: signal ?? undefined, stderr }),
    );
  });
}
