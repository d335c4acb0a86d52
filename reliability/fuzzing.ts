import { fork } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleProgram } from './bundle.mjs';
import type { CampaignOptions, CampaignResult } from './campaign.js';
import type { FuzzCounts, Fuzzer } from './fuzz/fuzzer.js';

/** Milliseconds that one input may take, and megabytes of memory that all may take. */
export const limits = { time: 2000, memory: 512 } as const;

/** What a process that fuzzes tells the one that started it. */
export type FuzzMessage =
  | { readonly kind: 'at'; readonly index: number }
  | { readonly kind: 'fault'; readonly index: number; readonly what: string }
  | { readonly kind: 'done'; readonly counts: FuzzCounts; readonly megabytes: number };

/** Names of the files of fuzzers. */
async function fuzzFiles(): Promise<readonly string[]> {
  const names = await readdir(join(import.meta.dirname, '..', 'fuzz'));
  return names.filter((name) => name.endsWith('.fuzz.ts')).sort();
}

/**
 * Runs every fuzzer of a group in processes of their own, a batch of inputs each, so that a hang or a
 * full memory ends one batch and is a fault.
 *
 * @param options.count inputs of each fuzzer
 */
export async function fuzzGroup(
  group: Fuzzer['group'],
  options: CampaignOptions,
): Promise<readonly CampaignResult[]> {
  const results: CampaignResult[] = [];
  const files = await fuzzFiles();
  const begun = Date.now();
  for (const [index, file] of files.entries()) {
    const name = file.replace('.fuzz.ts', '');
    // The time that is left is shared.
    const share = (options.until - Date.now()) / (files.length - index);
    const until = Math.min(options.until, Date.now() + share);
    const program = await bundleProgram(`reliability/fuzz/${file}`, `fuzz-${name}`);
    const result = await fuzzOne(program, group, { ...options, until });
    if (result === undefined) continue;
    results.push({ ...result, name: `${group}: ${name}` });
    const seconds = Math.round((Date.now() - begun) / 1000);
    options.say(`${group}: ${name}: ${JSON.stringify(result.counts)}, ${seconds} s`);
  }
  return results;
}

const batch = 5000;

async function fuzzOne(
  program: string,
  group: Fuzzer['group'],
  { seed, count, until }: CampaignOptions,
): Promise<CampaignResult | undefined> {
  const counts = { inputs: 0, accepted: 0, refused: 0, megabytes: 0 };
  const faults: string[] = [];
  const worker = await bundleProgram('reliability/fuzz-worker.ts', 'fuzz-worker');
  for (let first = 0; first < count && Date.now() < until; first += batch) {
    // Each batch has a seed of its own, so that batches of one size can be made again one by one.
    const batchSeed = seed * 1_000_000 + first / batch;
    const size = Math.min(batch, count - first);
    const done = await fuzzBatch(worker, [program, group, String(batchSeed), String(size)]);
    if (done === 'of another group') return undefined;
    counts.inputs += done.inputs;
    counts.accepted += done.accepted;
    counts.refused += done.refused;
    counts.megabytes = Math.max(counts.megabytes, done.megabytes);
    faults.push(...done.faults.map((fault) => `seed ${batchSeed}, input ${fault}`));
  }
  return { name: '', counts, faults };
}

type BatchResult = FuzzCounts & { readonly megabytes: number; readonly faults: readonly string[] };

function fuzzBatch(
  worker: string,
  args: readonly string[],
): Promise<BatchResult | 'of another group'> {
  return new Promise((resolve, reject) => {
    const faults: string[] = [];
    let at = 0;
    let result: BatchResult | undefined;
    const child = fork(worker, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // Takes a worker that hangs for good; slow inputs are timed in the worker.
    let alarm = setTimeout(() => child.kill('SIGKILL'), 20 * limits.time);
    child.on('message', (message: FuzzMessage) => {
      alarm.refresh();
      if (message.kind === 'at') at = message.index;
      if (message.kind === 'fault') faults.push(`${message.index}: ${message.what}`);
      if (message.kind === 'done') {
        result = { ...message.counts, megabytes: message.megabytes, faults };
      }
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(alarm);
      alarm = setTimeout(() => undefined, 0);
      if (code === 3) return resolve('of another group');
      if (result !== undefined && code === 0) return resolve(result);
      faults.push(`after ${at}: the process ended with ${code ?? signal}: ${stderr.slice(-2000)}`);
      resolve({ inputs: at, accepted: 0, refused: 0, megabytes: 0, faults });
    });
  });
}
