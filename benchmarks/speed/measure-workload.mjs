import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { watchOthers } from './machine.mjs';
import { multiplyAdds } from './multiply-adds.mjs';
import { openSide } from './opened-side.mjs';
import { sides } from './sides.mjs';
import { median, relativeDifference, rotated } from './statistics.mjs';
import { workloads, writeWorkload } from './workloads.mjs';

/** A side whose step takes longer than this, in ms, is timed in the first round only. */
const SLOW = 10_000;
/**
 * Steps before timing starts, whose numbers are compared: from the second on they depend on the
 * gradients. A side that does a share of the batch is slow, and does as few as show that.
 */
const WARM_UP = 3;
const SHORT_WARM_UP = 2;
/** Milliseconds in which the threads of the side timed before stop spinning. */
const REST = 300;

/**
 * Measures one workload: every side is started, checked and warmed up, and then the sides are timed
 * in turn, round after round. The row of a side that fails says why.
 *
 * @param options.quick whether to take settings of a workload that is like this one
 * @param options.skipSlow whether to leave out what takes long
 * @param options.known settings that were found for earlier workloads, a Map of the whole run
 * @param options.say reports progress
 * @returns {title, sides, others, parameters, multiplyAdds}: a result for each side, ours first; how
 * busy other processes kept the machine; and the multiply-adds of a step, undefined where they are
 * not counted
 * @throws Error when ours fails
 */
export async function measureWorkload(options) {
  const { name, compared, threads, rounds, quick, skipSlow, known, temporary, say } = options;
  const workload = workloads[name];
  const folderOf = (share) => {
    const items = Math.max(1, Math.round(workload.batchSize * share));
    const folder = join(temporary, `${name}-${items}`);
    mkdirSync(folder, { recursive: true });
    return { folder, description: writeWorkload(name, folder, items) };
  };
  const { description } = folderOf(1);

  /** What ours computes, by folder. */
  const references = new Map();
  const running = [];
  const results = [];
  try {
    for (const { id, ours, rounded, label, workloads: shares, ...about } of sides) {
      const { cannot = {}, slow = [], prepare } = about;
      if (!ours && !compared.includes(id)) continue;
      if (cannot[name] !== undefined) results.push({ id, label, reason: cannot[name] });
      const share = shares[name];
      if (share === undefined || (skipSlow && slow.includes(name))) continue;
      const result = { id, label, share, ours, rounded };
      results.push(result);
      say(`${name}: preparing ${label}`);
      const { folder } = folderOf(share);
      const steps = share === 1 ? WARM_UP : SHORT_WARM_UP;
      try {
        const prepared = await prepare({
          ...{ name, threads, folder, workload, temporary, steps, quick, known },
        });
        if (prepared.reason !== undefined) {
          result.reason = prepared.reason;
          continue;
        }
        const opened = prepared.opened ?? (await openSide({ ...prepared, folder, steps }));
        const { side, description, parameters, numbers, loading, firstStep } = opened;
        running.push({ side, description, result, rounds: [], processor: [] });
        if (!references.has(folder)) {
          references.set(folder, ours ? numbers : await ourNumbers({ folder, steps, threads }));
        }
        const difference = relativeDifference(numbers, references.get(folder));
        const { pids: _, ...shown } = description;
        Object.assign(result, shown, { parameters, numbers, difference, loading, firstStep });
        Object.assign(result, { settings: prepared.labels, tried: prepared.tried });
      } catch (error) {
        if (ours) throw error;
        fail(result, error, say);
      }
    }

    const others = watchOthers(
      running.flatMap(({ side, description }) => [side.pid, ...(description.pids ?? [])]),
    );
    for (let round = 0; round < rounds; round++) {
      say(`${name}: round ${round + 1} of ${rounds}`);
      for (const { side, result, rounds: measured, processor } of rotated(running, round)) {
        if (measured[0] > SLOW || result.reason !== undefined) continue;
        await pause(REST);
        try {
          const reply = await side.ask({ do: 'time', ...workload.round });
          measured.push(median(reply.milliseconds));
          if (reply.processor !== undefined) processor.push(reply.processor);
        } catch (error) {
          if (result.ours) throw error;
          fail(result, error, say);
        }
      }
    }
    const meanwhile = others();
    for (const { side, result, rounds: measured, processor } of running) {
      if (result.reason !== undefined) continue;
      result.peak = (await side.ask({ do: 'memory' })).peak;
      result.milliseconds = measured.map((value) => value / result.share);
      if (processor.length > 0) result.processor = median(processor) / result.share;
    }
    return {
      name,
      title: workload.title,
      sides: judged(results),
      others: meanwhile,
      parameters: results[0].parameters,
      multiplyAdds: workload.counted
        ? multiplyAdds(description, parametersOf(description))
        : undefined,
    };
  } finally {
    await Promise.all(running.map(({ side }) => side.end()));
  }
}

function fail(result, error, say) {
  result.reason = 'failed';
  result.failure = error.message;
  say(`${result.label}: ${error.message}`);
}

/** The parameters among the arrays of a workload, by name. */
function parametersOf({ arrays }) {
  const prefix = 'params/';
  return Object.fromEntries(
    arrays
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, shape }) => [name.slice(prefix.length), { shape }]),
  );
}

/** What ours computes from a folder's workload. */
async function ourNumbers({ folder, steps, threads }) {
  const { program } = await sides[0].prepare({ threads });
  const { side, numbers } = await openSide({ program, folder, steps });
  await side.end();
  return numbers;
}

/** Adds the median and its ratio to ours. */
function judged(results) {
  const [ours] = results;
  for (const result of results) {
    if (result.milliseconds === undefined) continue;
    result.median = median(result.milliseconds);
    if (ours.median !== undefined) result.ratio = result.median / ours.median;
  }
  return results;
}
