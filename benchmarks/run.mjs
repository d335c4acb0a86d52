// Times ours beside what one would pick instead. See README.md.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { help, parseCommandLine } from './src/command-line.mjs';
import { describeMachine } from './src/machine.mjs';
import { formatMachine, formatSitting } from './src/report.mjs';

function options() {
  try {
    return parseCommandLine(process.argv.slice(2));
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(2);
  }
}

const { help: wantsHelp, only, sides, threads, rounds, json } = options();
if (wantsHelp) {
  console.log(help);
  process.exit(0);
}

// Only now, because it needs the built packages.
const { sit } = await import('./src/sitting.mjs').catch((error) => {
  console.error(`${error.message}\nBuild the packages first: pnpm build`);
  process.exit(1);
});
const about = {
  machine: describeMachine(),
  command: ['node benchmarks/run.mjs', ...process.argv.slice(2)].join(' '),
  date: new Date().toISOString().slice(0, 16).replace('T', ' '),
};
console.log(`# Results of the benchmarks\n\n${formatMachine(about)}\n`);
const temporary = mkdtempSync(join(tmpdir(), 'tweedie-bench-'));
const results = [];
try {
  for (const name of only) {
    const result = await sit({
      name,
      compared: sides,
      threads,
      rounds,
      temporary,
      say: (text) => console.error(text),
    });
    results.push(result);
    console.log(`${formatSitting(result)}\n`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true });
}
if (json !== undefined) writeFileSync(json, `${JSON.stringify({ ...about, results }, null, 2)}\n`);
