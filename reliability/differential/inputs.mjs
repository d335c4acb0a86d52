// node inputs.mjs FORMAT SEED COUNT: writes, a line of JSON each, the mutated files of a fuzzer and what
// Tweedie makes of them, for `compare.py` to lay beside the reference libraries.
import { once } from 'node:events';
import { bundleProgram } from '../bundle.mjs';

const [format, seed, count] = process.argv.slice(2);
const program = await bundleProgram('reliability/differential/decoders.ts', 'differential');
const { results } = await import(program);
for (const line of results(format, Number(seed), Number(count))) {
  if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}
