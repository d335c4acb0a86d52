// Times Tweedie and its alternatives on the same work. See README.md.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { help, parseCommandLine } from './speed/command-line.mjs';
import { describeMachine } from './speed/machine.mjs';
import { formatPage } from './speed/report.mjs';
import { writeResults } from './speed/results.mjs';
import { significant } from './speed/table.mjs';

function options() {
  try {
    return parseCommandLine(process.argv.slice(2));
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(2);
  }
}

const { help: wantsHelp, only, sides, threads, rounds, quick, skipSlow, out } = options();
if (wantsHelp) {
  console.log(help);
  process.exit(0);
}

// Only now, because it needs the built packages.
const { measureWorkload, highest, limits, measureShipped } = await import(
  './speed/measurements.mjs'
).catch((error) => {
  console.error(`${error.message}\nBuild the packages first: pnpm build`);
  process.exit(1);
});
const say = (text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
const page = {
  machine: describeMachine(),
  date: new Date().toISOString().slice(0, 16).replace('T', ' '),
  command: ['node benchmarks/run.mjs', ...process.argv.slice(2)].join(' '),
  settings: { threads, rounds, quick },
  results: [],
};
const temporary = mkdtempSync(join(tmpdir(), 'tweedie-bench-'));
const known = new Map();
try {
  say('the limits of the machine');
  page.limits = await limits(threads);
  for (const name of only) {
    const shared = { compared: sides, threads, rounds, quick, skipSlow, known, temporary, say };
    const result = await measureWorkload({ name, ...shared });
    page.results.push(result);
    // Written after each workload, in case a later one fails.
    if (out !== undefined) writeResults(out, page);
    for (const { label, median, reason } of result.sides) {
      say(`${name}: ${label}: ${median === undefined ? reason : `${significant(median)} ms`}`);
    }
  }
  say('the limits of the machine, once more');
  page.limits = highest(page.limits, await limits(threads));
  say('what each side ships');
  page.shipped = await measureShipped(page.results);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true });
}
if (out !== undefined) writeResults(out, page);
console.log(formatPage(page));
