import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TweedieError } from '@tweedie/core';
import { loadRun, readMetrics, runPaths } from '@tweedie/training/node';
import { type CampaignOptions, type CampaignResult, createFaults, runTasks } from './campaign.js';
import { createDice, type Dice } from './dice.js';
import { passTwoMinutes } from './processes/pass-time.js';
import { readRunContents, runDifferences } from './processes/run-contents.js';
import {
  createTrainer,
  type Ended,
  type Trainer,
  type TrainingProcess,
  type TrainingRun,
} from './processes/training-process.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL', 'SIGSTOP'] as const;

interface StormCounts {
  storms: number;
  signals: number;
  processes: number;
  /** Processes that ended because another had the run. */
  refused: number;
  reads: number;
  identicalEnds: number;
}

/**
 * Several processes train in one run folder at the same time while signals of all kinds hit them and
 * this process reads the run; what is there at the end is held to the undisturbed run's.
 *
 * @param options.count how many such storms
 */
export async function stormRuns(options: CampaignOptions): Promise<CampaignResult> {
  const { seed, count, say } = options;
  const trainer = await createTrainer();
  const base = await mkdtemp(join(tmpdir(), 'tweedie-storms-'));
  const counts: StormCounts = {
    ...{ storms: 0, signals: 0, processes: 0, refused: 0, reads: 0, identicalEnds: 0 },
  };
  const faults = createFaults(say);
  const shape = { seed, steps: 400, checkpointEvery: 16, samples: 2 };
  const whole = { ...shape, folder: join(base, 'whole') };
  const begun = performance.now();
  const { stderr, code } = await trainer.start(whole).ended;
  // What is done to a run takes about as long as the run, however busy the machine is.
  const pace = performance.now() - begun;
  if (code !== 0) throw new Error(`the undisturbed run failed: ${stderr}`);
  const expected = await readRunContents(whole.folder);

  const storm = async (index: number) => {
    const folder = join(base, String(index));
    await mkdir(folder);
    const run = { ...shape, folder: join(folder, 'run') };
    const found = await weather({ trainer, run, pace, dice: createDice(seed, index), counts });
    await passTwoMinutes(run.folder);
    const last = await trainer.start(run).ended;
    counts.processes++;
    if (last.code !== 0) found.push(`no resume afterwards: ${last.stderr}`);
    const differences = runDifferences(expected, await readRunContents(run.folder));
    if (differences.length === 0) counts.identicalEnds++;
    found.push(...differences);
    counts.storms++;
    for (const what of found) faults.add(`storm ${index} of seed ${seed}: ${what}`);
    await rm(folder, { recursive: true, force: true });
    if (counts.storms % 10 === 0)
      say(`storms: ${JSON.stringify(counts)}, ${faults.found.length} faults`);
  };
  const tasks = Array.from({ length: count }, (_, index) => () => storm(index));
  await runTasks(tasks, options);
  await rm(base, { recursive: true, force: true });
  return { name: 'storms', counts: { ...counts }, faults: faults.found };
}

interface Storm {
  readonly trainer: Trainer;
  readonly run: TrainingRun;
  /** Milliseconds that the run takes undisturbed. */
  readonly pace: number;
  readonly dice: Dice;
  readonly counts: StormCounts;
}

/** One storm. @returns what went wrong */
async function weather({ trainer, run, pace, dice, counts }: Storm): Promise<string[]> {
  const faults = new Set<string>();
  const alive = new Set<TrainingProcess>();
  let over = false;

  /** Keeps one process going: what is ended starts again. */
  const keepTraining = async () => {
    while (!over) {
      const process = trainer.start(run);
      alive.add(process);
      counts.processes++;
      const ended = await process.ended;
      alive.delete(process);
      if (isRefused(ended)) {
        counts.refused++;
        await sleep(20);
      } else if (!isProperEnd(ended)) {
        faults.add(`a process ended with ${ended.code ?? ended.signal}: ${ended.stderr}`);
      }
    }
  };
  const keepReading = async () => {
    while (!over) {
      const wrong = await readOnce(run.folder);
      counts.reads++;
      if (wrong !== undefined) faults.add(wrong);
      await sleep(30);
    }
  };
  const work = [keepReading(), ...Array.from({ length: 2 + dice.below(2) }, keepTraining)];

  const blows = 6 + dice.below(10);
  for (let blow = 0; blow < blows; blow++) {
    await sleep(dice.below(pace / 2));
    const { child } = dice.pick([...alive]) ?? {};
    if (child === undefined) continue;
    const signal = dice.pick(signals);
    child.kill(signal);
    counts.signals++;
    // Another may take over in the meantime, and must not.
    if (signal === 'SIGSTOP') {
      await sleep(dice.below(pace / 3));
      child.kill(dice.oneIn(3) ? 'SIGKILL' : 'SIGCONT');
    }
  }
  over = true;
  await Promise.all(work);
  return [...faults];
}

function isRefused({ code, stderr }: Ended): boolean {
  return code === 1 && / is being written by /.test(stderr) && !/^\s+at /m.test(stderr);
}

/** Whether a process ended as one may that was hit by a signal, or by none. */
function isProperEnd({ code, signal, stderr }: Ended): boolean {
  if (/^\s+at /m.test(stderr)) return false;
  if (signal !== undefined) return (signals as readonly string[]).includes(signal);
  // 128 and the signal's number, as shells say it.
  return code === 0 || code === 129 || code === 130 || code === 143;
}

/** Reads a run that others write. @returns what is wrong with what was read */
async function readOnce(folder: string): Promise<string | undefined> {
  try {
    const { step, warnings } = await loadRun(folder);
    if (!Number.isInteger(step)) return `a reader got step ${step}`;
    if (warnings.length > 0) return `a reader was warned: ${warnings.join(' ')}`;
  } catch (error) {
    // Neither config.json nor a checkpoint is there at the very beginning.
    const missing = TweedieError.isInstance(error) && error.code === 'MISSING_DATA';
    if (!missing) return `a reader failed: ${error}`;
  }
  try {
    let line = 0;
    for await (const { step } of readMetrics(runPaths(folder).metrics)) {
      line++;
      if (step !== line) return `a reader found step ${step} in line ${line}`;
    }
    return undefined;
  } catch (error) {
    return `a reader of metrics failed: ${error}`;
  }
}
