import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const here = fileURLToPath(new URL('.', import.meta.url));
// Inside the package, so that its dependencies are found from there.
const folder = mkdtempSync(join(here, '../../node_modules/.telemetry-'));
const script = join(folder, 'program.mjs');

const program = `
import { add, setBackend, tensor } from '@tensorflow/tfjs-core';
import { onnxBackend } from './backend.ts';
await setBackend('cpu');
const backend = onnxBackend({ worker: process.argv[2] });
const run = backend.compile((x) => add(x, 1));
const y = await run(tensor([1]));
console.log((await y.data())[0]);
// Telemetry begins some time after the library has been loaded.
await new Promise((resolve) => setTimeout(resolve, 1500));
await backend.dispose();
`;

beforeAll(() =>
  build({
    stdin: { contents: program, resolveDir: join(here, '..') },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: script,
    conditions: ['@tweedie/source'],
    external: ['onnxruntime-node', 'onnxruntime-web', 'onnxruntime-web/*', '@tensorflow/*'],
  }),
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hasStrace = spawnSync('strace', ['-V']).status === 0;

/** Runs the program with a home and a temporary folder of its own. */
function run(worker: string, environment: Readonly<Record<string, string>> = {}) {
  const home = mkdtempSync(join(folder, 'home-'));
  const temporary = join(home, 'tmp');
  mkdirSync(temporary);
  const trace = join(folder, `trace-${worker}`);
  const node = [process.execPath, script, worker];
  const [command = '', ...args] = hasStrace
    ? ['strace', '-f', '-qq', '-e', 'trace=connect,sendto', '-o', trace, ...node]
    : node;
  // The library does without telemetry where CI is set.
  const { ORT_DISABLE_TELEMETRY: _, CI: __, ...inherited } = process.env;
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...inherited, HOME: home, TMPDIR: temporary, ...environment },
  });
  const calls = hasStrace ? readFileSync(trace, 'utf8').split('\n') : [];
  return {
    output: result.stdout,
    files: readdirSync(home, { recursive: true }).filter((name) => name !== 'tmp'),
    connections: calls.filter((line) => /AF_INET|\bsendto\b/.test(line)),
  };
}

describe('the native runtime', () => {
  it.each(['never', 'always'])('writes no file and reaches no host (worker: %s)', (worker) => {
    expect(run(worker)).toEqual({ output: '2\n', files: [], connections: [] });
  });

  it('does what the user has set', () => {
    // That files appear shows that the test above can fail.
    const { output, files } = run('never', { ORT_DISABLE_TELEMETRY: '' });
    expect(output).toBe('2\n');
    if (process.platform === 'linux') expect(files.join(' ')).toMatch(/onnxruntime/);
  });
});
