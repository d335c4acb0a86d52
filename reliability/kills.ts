import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CampaignOptions, type CampaignResult, createFaults, runTasks } from './campaign.js';
import { createDice, type Dice } from './dice.js';
import { type Fault, type Refusal, refusals } from './faults/fault-plan.js';
import { passTwoMinutes } from './processes/pass-time.js';
import { type RunContents, readRunContents, runDifferences } from './processes/run-contents.js';
import { createTrainer, type Ended, type TrainingRun } from './processes/training-process.js';

/**
 * Ends or hinders training runs at each of their file operations, goes on with them, and holds their
 * ends to the uninterrupted run's, byte for byte.
 *
 * @param options.count how many processes to end or to hinder. Run after run, each of another shape,
 * is taken through all of its operations until there were so many
 */
export async function killRuns(options: CampaignOptions): Promise<CampaignResult> {
  const { seed, count, until, say } = options;
  const trainer = await createTrainer();
  const base = await mkdtemp(join(tmpdir(), 'tweedie-kills-'));
  const counts = {
    runs: 0,
    operations: 0,
    deaths: 0,
    powerFailures: 0,
    refusals: 0,
    resumed: 0,
    identicalEnds: 0,
  };
  const faults = createFaults(say);
  const attacks = () => counts.deaths + counts.powerFailures + counts.refusals;

  /** Runs a process under attack. @returns how many operations it did, and how it ended */
  const attack = async (run: TrainingRun, at: number | undefined, fault?: Fault) => {
    const log = `${run.folder}.log`;
    await rm(log, { force: true });
    const plan = { folder: run.folder, log, ...(fault && at !== undefined && { at, fault }) };
    const ended = await trainer.start(run, plan).ended;
    const operations = (await readFile(log, 'utf8').catch(() => '')).split('\n').length - 1;
    return { ended, operations };
  };

  for (let round = 0; attacks() < count && Date.now() < until; round++) {
    const dice = createDice(seed, round);
    const folder = join(base, String(round));
    await mkdir(folder);
    const shape: Omit<TrainingRun, 'folder'> = {
      seed: dice.below(1000),
      steps: 4 + dice.below(4),
      checkpointEvery: 1 + dice.below(3),
      samples: 2 * dice.below(3),
    };
    const named = `round ${round} of seed ${seed} (${JSON.stringify(shape)})`;
    const whole = { ...shape, folder: join(folder, 'whole') };
    const { ended, operations } = await attack(whole, undefined);
    if (ended.code !== 0) {
      faults.add(`${named}: the uninterrupted run failed: ${ended.stderr}`);
      break;
    }
    counts.runs++;
    counts.operations += operations;
    const expected = await readRunContents(whole.folder);

    const attackAndResume = async (index: number, kind: Kind) => {
      const run = { ...shape, folder: join(folder, `${kind}-${index}`) };
      let at = index;
      // A run that was ended may be ended again while it recovers.
      const times = kind === 'chain' ? 2 + createDice(seed + 1, index).below(3) : 1;
      for (let time = 0; time < times; time++) {
        const chance = createDice(seed + 2 + round, index * 8 + time);
        const fault = faultOf(kind, index, chance);
        const hit = await attack(run, at, fault);
        const where = `${named}, operation ${at}, ${JSON.stringify(fault)}`;
        const wrong = wrongEnd(hit.ended, fault, at < hit.operations);
        if (wrong !== undefined) faults.add(`${where}: ${wrong}`);
        if (at < hit.operations) {
          if (fault.kind === 'refusal') counts.refusals++;
          else if (fault.kind === 'power-failure') counts.powerFailures++;
          else counts.deaths++;
        }
        at = chance.below(operations);
      }
      await passTwoMinutes(run.folder);
      const resumed = await attack(run, undefined);
      counts.resumed++;
      const where = `${named}, ${kind} at operation ${index}`;
      if (resumed.ended.code !== 0) faults.add(`${where}: no resume: ${resumed.ended.stderr}`);
      const differences = runDifferences(expected, await contentsOf(run.folder));
      if (differences.length === 0) counts.identicalEnds++;
      else faults.add(`${where}: ${differences.join(', ')}`);
      await rm(run.folder, { recursive: true, force: true });
    };

    // Each pass does something to every operation, and something else than the pass before.
    const tasks = function* () {
      for (let pass = 0; pass < kinds.length; pass++) {
        for (const index of spread(operations)) {
          if (attacks() >= count) return;
          const kind = kinds[(index + pass) % kinds.length]!;
          yield () => attackAndResume(index, kind);
        }
        say(
          `kills: ${named}, pass ${pass}: ${JSON.stringify(counts)}, ${faults.found.length} faults`,
        );
      }
    };
    await runTasks(tasks(), options);
    await rm(folder, { recursive: true });
  }
  await rm(base, { recursive: true });
  return { name: 'kills', counts, faults: faults.found };
}

/** What happens to each operation of a run, one in each pass. */
const kinds = ['before', 'refusal', 'torn', 'power-failure', 'chain', 'after'] as const;
type Kind = (typeof kinds)[number];

/** The numbers 0 … count − 1 in an order that soon has been everywhere. */
function* spread(count: number): Iterable<number> {
  // The golden section; a stride without a common divisor leaves out none.
  let stride = Math.max(1, Math.round(count * 0.618));
  while (commonDivisor(stride, count) > 1) stride++;
  for (let turn = 0; turn < count; turn++) yield (turn * stride) % count;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

function faultOf(kind: Kind, index: number, dice: Dice): Fault {
  if (kind === 'power-failure') return { kind };
  if (kind === 'chain') return { kind: 'death', when: dice.pick(['before', 'torn', 'after']) };
  if (kind !== 'refusal') return { kind: 'death', when: kind };
  const codes = Object.keys(refusals) as Refusal[];
  return { kind, code: codes[index % codes.length]!, lasting: dice.oneIn(2) };
}

/** What is wrong with the way in which a process ended that was attacked. */
function wrongEnd({ code, signal, stderr }: Ended, fault: Fault, hit: boolean): string | undefined {
  if (/^\s+at /m.test(stderr)) return `a stack trace: ${stderr}`;
  if (fault.kind === 'refusal') {
    // A refusal that does no harm, such as of a flush of the folder, may be passed over.
    if (code === 0) return undefined;
    if (code !== 1) return `ended with ${code ?? signal}: ${stderr}`;
    const last = stderr.trimEnd().split('\n').at(-1) ?? '';
    return last.startsWith('error ') ? undefined : `no line of error: ${stderr}`;
  }
  if (hit) return signal === 'SIGKILL' ? undefined : `not ended, ${code ?? signal}: ${stderr}`;
  return code === 0 ? undefined : `failed before it was hit: ${stderr}`;
}

/** What a run folder holds; nothing where it is not there. */
async function contentsOf(folder: string): Promise<RunContents> {
  return readRunContents(folder).catch(() => new Map());
}
