import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { watchOthers } from './machine.mjs';
import { startSide } from './side-process.mjs';
import { sides } from './sides.mjs';
import { median, relativeDifference, rotated } from './statistics.mjs';
import { workloads, writeWorkload } from './workloads.mjs';

/** A side whose step takes longer than this is timed in the first round only. */
const SLOW = 10_000;
/** Steps before the clock starts, whose numbers are compared: from the second on they depend on the
 * gradients. A side that does a share of the batch, being slow, does as few as tell. */
const WARM_UP = 3;
const SHORT_WARM_UP = 2;
/** Lets the threads of the side before fall asleep. */
const REST = 300;

/**
 * Measures one workload: every side is started, checked and warmed up, and then they are timed by
 * turns, round after round.
 *
 * @param say tells the user what is going on
 * @returns {sides, others}: a result for each side, ours first, and what else the machine did
 */
export async function sit({ name, compared, threads, rounds, temporary, say }) {
  const workload = workloads[name];
  const folderOf = (share) => {
    const items = Math.max(1, Math.round(workload.batchSize * share));
    const folder = join(temporary, `${name}-${items}`);
    mkdirSync(folder, { recursive: true });
    writeWorkload(name, folder, items);
    return folder;
  };

  /** What ours computes, by folder. */
  const references = new Map();
  const running = [];
  const results = [];
  try {
    for (const { id, label, workloads: shares, cannot = {}, prepare } of sides) {
      if (id !== 'ours' && !compared.includes(id)) continue;
      if (cannot[name] !== undefined) results.push({ label, reason: cannot[name] });
      const share = shares[name];
      if (share === undefined) continue;
      const result = { id, label, share };
      results.push(result);
      say(`${name}: preparing ${label}`);
      const folder = folderOf(share);
      const prepared = await prepare({ threads, folder, workload, temporary });
      if (prepared.reason !== undefined) {
        result.reason = prepared.reason;
        continue;
      }
      const side = startSide(prepared.program);
      running.push({ side, result, rounds: [], processor: [] });
      const { versions, threads: used, details } = await side.ask({ do: 'describe' });
      const { parameters } = await side.ask({ do: 'open', folder, settings: prepared.settings });
      const steps = share === 1 ? WARM_UP : SHORT_WARM_UP;
      const { numbers } = await side.ask({ do: 'numbers', steps });
      if (!references.has(folder)) {
        references.set(folder, id === 'ours' ? numbers : await ourNumbers(folder, steps, threads));
      }
      const difference = relativeDifference(numbers, references.get(folder));
      Object.assign(result, { versions, threads: used, details, parameters, numbers, difference });
      Object.assign(result, { settings: prepared.labels, tried: prepared.tried });
    }

    const others = watchOthers(running.map(({ side }) => side.pid));
    for (let round = 0; round < rounds; round++) {
      say(`${name}: round ${round + 1} of ${rounds}`);
      for (const { side, rounds: measured, processor } of rotated(running, round)) {
        if (measured[0] > SLOW) continue;
        await pause(REST);
        const reply = await side.ask({ do: 'time', ...workload.round });
        measured.push(median(reply.milliseconds));
        processor.push(reply.processor);
      }
    }
    for (const { result, rounds: measured, processor } of running) {
      result.milliseconds = measured.map((value) => value / result.share);
      result.processor = median(processor) / result.share;
    }
    return { name, title: workload.title, sides: judged(results), others: others() };
  } finally {
    await Promise.all(running.map(({ side }) => side.end()));
  }
}

/** What ours computes from a folder's workload. */
async function ourNumbers(folder, steps, threads) {
  const { program } = await sides[0].prepare({ threads });
  const side = startSide(program);
  try {
    await side.ask({ do: 'open', folder });
    return (await side.ask({ do: 'numbers', steps })).numbers;
  } finally {
    await side.end();
  }
}

/** Adds the median and its ratio to ours. */
function judged(results) {
  const [ours] = results;
  for (const result of results) {
    if (result.milliseconds === undefined) continue;
    result.median = median(result.milliseconds);
    result.ratio = result.median / median(ours.milliseconds);
  }
  return results;
}
