// One batch of a fuzzer: `node fuzz-worker.mjs FILE GROUP SEED COUNT`, told to whoever forked it.
import { pathToFileURL } from 'node:url';
import type { Fuzzer } from './fuzz/fuzzer.js';
import { type FuzzMessage, limits } from './fuzzing.js';

const [file = '', group, seed, count] = process.argv.slice(2);
const { fuzzer } = (await import(pathToFileURL(file).href)) as { readonly fuzzer: Fuzzer };
if (fuzzer.group !== group) process.exit(3);
const send = (message: FuzzMessage) => process.send?.(message);

/** Milliseconds of processor time, which a busy machine does not stretch. */
const processorTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const megabytes = () => process.resourceUsage().maxRSS / 1024;

let last = { index: -1, at: processorTime(), said: 0 };
let faults = 0;
const fault = (index: number, what: string) => {
  // A fuzzer that finds one fault finds it often.
  if (faults++ < 20) send({ kind: 'fault', index, what });
};
const before = megabytes();
let full = false;
const counts = await fuzzer.run({
  seed: Number(seed),
  count: Number(count),
  report: {
    input(index) {
      const at = processorTime();
      if (at - last.at > limits.time) fault(last.index, `took ${Math.round(at - last.at)} ms`);
      if (!full && megabytes() - before > limits.memory) {
        full = true;
        fault(last.index, `the process had grown to ${Math.round(megabytes())} MB`);
      }
      const said = index - last.said >= 50 || index === 0;
      if (said) send({ kind: 'at', index });
      last = { index, at, said: said ? index : last.said };
    },
    fault,
  },
});
send({ kind: 'done', counts, megabytes: Math.round(megabytes()) });
process.disconnect?.();
