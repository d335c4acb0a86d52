import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));
// Inside the package, so that its dependencies are found from there.
const folder = mkdtempSync(join(here, '../../node_modules/.exit-'));
const script = join(folder, 'program.mjs');

const program = `
import { mul, matMul, ones, setBackend } from '@tensorflow/tfjs-core';
import { onnxBackend } from './backend.ts';
await setBackend('cpu');
const backend = onnxBackend({ threads: 1, worker: 'always' });
const run = backend.compile((x) => {
  let y = x;
  for (let i = 0; i < 30; i++) y = mul(matMul(y, x), 0.03);
  return y;
});
const x = ones([400, 400]);
if (process.argv[2] !== 'starting') await run(x);
const ends = {
  idle() {},
  pending: () => run(x).then(() => console.log('done')),
  exit() { run(x); setTimeout(() => process.exit(7), 10); },
  starting() { run(x); setTimeout(() => process.exit(7), 10); },
  throw() { run(x); setTimeout(() => { throw new Error('on purpose'); }, 10); },
};
ends[process.argv[2]]();
`;

beforeAll(() =>
  build({
    stdin: { contents: program, resolveDir: join(here, '..') },
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@tweedie/source'],
    external: ['onnxruntime-*', '@tensorflow/*'],
    outfile: script,
    logLevel: 'error',
  }),
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runToEnd(how: string): Promise<{ code: number | null; out: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, how]);
    let out = '';
    let errors = '';
    child.stdout.on('data', (text) => {
      out += text;
    });
    child.stderr.on('data', (text) => {
      errors += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, errors }));
  });
}

it('an idle worker does not keep the process alive', async () => {
  expect(await runToEnd('idle')).toMatchObject({ code: 0 });
});

it('a run under way does', async () => {
  expect(await runToEnd('pending')).toMatchObject({ code: 0, out: 'done\n' });
});

// Native code that returned into a thread under termination would abort it: no code, or 134.
it.each(['exit', 'starting'])('a process may exit in the middle (%s)', async (how) => {
  expect(await runToEnd(how)).toMatchObject({ code: 7 });
});

it('a process may fail in the middle', async () => {
  const { code, errors } = await runToEnd('throw');
  expect(code).toBe(1);
  expect(errors).toContain('on purpose');
});
