import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { parseArgs } from 'node:util';
import type { CampaignOptions, CampaignResult } from './campaign.js';
import { fuzzGroup } from './fuzzing.js';
import { killRuns } from './kills.js';
import { findLeaks } from './leaks.js';
import { stormRuns } from './storms.js';

const help = `node reliability/run.mjs [options]

  --only <names>   decoders, configs, kills, storms, leaks; comma-separated (default: all)
  --seed <n>       what everything follows from (default: 1)
  --count <n>      inputs of each fuzzer, processes to attack, storms, training steps
  --minutes <m>    of each program, at most (default: 10)
  --jobs <n>       processes at once, of kills and storms (default: 1)
  --out <file>     writes the results as JSON as well

Results go to standard output: a Markdown table, then the faults. Exits with 1 when there are any.`;

type Program = (options: CampaignOptions) => Promise<readonly CampaignResult[]>;
const programs: Readonly<Record<string, { readonly run: Program; readonly count: number }>> = {
  decoders: { run: (options) => fuzzGroup('decoders', options), count: 20_000 },
  configs: { run: (options) => fuzzGroup('configs', options), count: 20_000 },
  kills: { run: async (options) => [await killRuns(options)], count: 200 },
  storms: { run: async (options) => [await stormRuns(options)], count: 10 },
  leaks: { run: async (options) => [await findLeaks(options)], count: 5000 },
};

/** Runs the programs that the command line names. @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: Object.keys(programs).join(',') },
      seed: { type: 'string', default: '1' },
      count: { type: 'string' },
      minutes: { type: 'string', default: '10' },
      jobs: { type: 'string', default: '1' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const chosen = values.only.split(',').map((name) => {
    const program = programs[name];
    if (program === undefined) throw new Error(`there is no '${name}'\n\n${help}`);
    return program;
  });
  const results: CampaignResult[] = [];
  const begun = Date.now();
  for (const { run, count } of chosen) {
    const found = await run({
      seed: wholeNumber('seed', values.seed, 0),
      count: values.count === undefined ? count : wholeNumber('count', values.count, 1),
      until: Date.now() + Number(values.minutes) * 60_000,
      jobs: wholeNumber('jobs', values.jobs, 1),
      say: (text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`),
    });
    results.push(...found);
  }
  const report = {
    command: ['node reliability/run.mjs', ...args].join(' '),
    date: new Date(begun).toISOString().slice(0, 10),
    minutes: Math.round((Date.now() - begun) / 6000) / 10,
    machine: `${type()} ${release()}, ${cpus()[0]?.model}, ${availableParallelism()} processors, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    results,
  };
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(report, null, 2)}\n`);
  console.log(
    `\`${report.command}\`, ${report.date}, ${report.minutes} minutes\n${report.machine}`,
  );
  console.log('\n| program | counts | faults |\n| --- | --- | --- |');
  for (const { name, counts, faults } of results) {
    const shown = Object.entries(counts).map(([what, number]) => `${words(what)} ${number}`);
    console.log(`| ${name} | ${shown.join(', ')} | ${faults.length} |`);
  }
  const faults = results.flatMap((result) =>
    result.faults.map((what) => `${result.name}: ${what}`),
  );
  if (faults.length > 0) console.log(`\n${faults.join('\n')}`);
  return faults.length > 0 ? 1 : 0;
}

/** 'identicalEnds' is 'identical ends' */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name} is '${text}'. Allowed: a whole number of at least ${least}.`);
}
