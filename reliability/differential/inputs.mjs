// node inputs.mjs FORMAT SEED COUNT: writes, a line of JSON each, the mutated files of a fuzzer and what
// Tweedie makes of them, for `compare.py` to lay beside the reference libraries.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const [format, seed, count] = process.argv.slice(2);
const folder = mkdtempSync(join(import.meta.dirname, '.bundle-'));
try {
  const outfile = join(folder, 'decoders.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'decoders.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@tweedie/source'],
    external: ['@tensorflow/*'],
    logLevel: 'error',
  });
  const { results } = await import(outfile);
  for (const line of results(format, Number(seed), Number(count))) {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
  }
} finally {
  rmSync(folder, { recursive: true });
}
