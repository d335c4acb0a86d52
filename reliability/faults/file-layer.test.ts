import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleProgram } from '../bundle.mjs';
import { type Fault, type FaultPlan, planVariable } from './fault-plan.js';

let preload: string;
let folder: string;
beforeAll(async () => {
  preload = await bundleProgram('reliability/faults/preload.ts', 'preload');
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tweedie-faults-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program with the file layer; `at` is its folder. */
function run(program: string, plan: Partial<FaultPlan> = {}) {
  const file = join(folder, 'program.mjs');
  writeFileSync(file, `const at = ${JSON.stringify(join(folder, 'run'))};\n${program}`);
  const log = join(folder, 'log');
  rmSync(log, { force: true });
  const whole: FaultPlan = { folder: join(folder, 'run'), log, ...plan };
  const { status, signal, stderr, stdout } = spawnSync(
    process.execPath,
    ['--import', pathToFileURL(preload).href, file],
    { encoding: 'utf8', env: { ...process.env, [planVariable]: JSON.stringify(whole) } },
  );
  const operations = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
  return { status, signal, stderr, stdout, operations };
}

/** Eight operations through handles and paths, of named imports as programs have them. */
const asynchronous = `
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
await mkdir(at);
const file = await open(at + '/a', 'wx');
await file.writeFile('0123456789');
await file.sync();
await file.appendFile('abcdef');
await file.close();
await rename(at + '/a', at + '/b');
console.log(await readFile(at + '/b', 'utf8'));
`;
const synchronous = `
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
mkdirSync(at);
const file = openSync(at + '/a', 'wx');
writeSync(file, '0123456789');
fsyncSync(file);
writeSync(file, Buffer.from('abcdef'), 0, 6);
closeSync(file);
renameSync(at + '/a', at + '/b');
console.log(readFileSync(at + '/b', 'utf8'));
`;
const callbacks = `
import fs from 'node:fs';
const call = (name, ...args) => new Promise((resolve, reject) =>
  fs[name](...args, (error, result) => error ? reject(error) : resolve(result)));
await call('mkdir', at);
const file = await call('open', at + '/a', 'wx');
await call('write', file, Buffer.from('0123456789'), 0, 10);
await call('fsync', file);
await call('write', file, 'abcdef');
await call('close', file);
await call('rename', at + '/a', at + '/b');
console.log(await call('readFile', at + '/b', 'utf8'));
`;
const programs = { asynchronous, synchronous, callbacks };

describe.each(Object.entries(programs))('%s operations', (_, program) => {
  const inRun = (name: string) => join(folder, 'run', name);

  it('are counted, and go on as before', () => {
    const { stdout, operations } = run(program);
    expect(stdout).toBe('0123456789abcdef\n');
    expect(operations.map((line) => line.replace(/^\d+ (\w+?)(Sync)? .*/, '$1'))).toEqual([
      'mkdir',
      'open',
      expect.stringMatching(/^write(File)?$/),
      expect.stringMatching(/^f?sync$/),
      expect.stringMatching(/^(write|appendFile)$/),
      'close',
      'rename',
      'readFile',
    ]);
  });

  it('end the process before, when half was written, and after', () => {
    const left = (when: 'before' | 'torn' | 'after', at: number) => {
      rmSync(join(folder, 'run'), { recursive: true, force: true });
      const { signal } = run(program, { at, fault: { kind: 'death', when } });
      expect(signal).toBe('SIGKILL');
      return Object.fromEntries(
        readdirSync(join(folder, 'run')).map((name) => [name, readFileSync(inRun(name), 'utf8')]),
      );
    };
    expect(left('before', 2)).toEqual({ a: '' });
    expect(left('torn', 2)).toEqual({ a: '01234' });
    expect(left('after', 2)).toEqual({ a: '0123456789' });
    expect(left('torn', 4)).toEqual({ a: '0123456789abc' });
    expect(left('before', 6)).toEqual({ a: '0123456789abcdef' });
    expect(left('after', 6)).toEqual({ b: '0123456789abcdef' });
  });

  it('lose with the power what was not flushed, under its new name too', () => {
    const after = (at: number) => {
      rmSync(join(folder, 'run'), { recursive: true, force: true });
      expect(run(program, { at, fault: { kind: 'power-failure' } }).signal).toBe('SIGKILL');
    };
    after(3);
    expect(readFileSync(inRun('a'), 'utf8')).toBe('');
    after(4);
    expect(readFileSync(inRun('a'), 'utf8')).toBe('0123456789');
    after(7);
    expect(readFileSync(inRun('b'), 'utf8')).toBe('0123456789');
  });

  it('are refused, once or from then on', () => {
    const refused = (at: number, fault: Partial<Fault> = {}) => {
      rmSync(join(folder, 'run'), { recursive: true, force: true });
      return run(program, {
        at,
        fault: { kind: 'refusal', code: 'ENOSPC', lasting: false, ...fault } as Fault,
      });
    };
    for (const at of [0, 1, 2, 5, 7]) {
      const { status, stderr } = refused(at);
      expect(status).toBe(1);
      expect(stderr).toContain('ENOSPC: no space left on device');
    }
    refused(2);
    expect(readFileSync(inRun('a'), 'utf8')).toBe('01234');
    const careless = program.replace(
      /(await file\.sync\(\)|fsyncSync\(file\)|await call\('fsync', file\));/,
      'try { $1; } catch {}',
    );
    expect(careless).not.toBe(program);
    rmSync(join(folder, 'run'), { recursive: true });
    const fault = { kind: 'refusal', code: 'EIO', lasting: false } as const;
    expect(run(careless, { at: 3, fault }).status).toBe(0);
    rmSync(join(folder, 'run'), { recursive: true });
    expect(run(careless, { at: 3, fault: { ...fault, lasting: true } }).stderr).toContain('EIO');
  });
});

it('operations elsewhere are left alone', () => {
  const { status, operations } = run(asynchronous, {
    folder: join(folder, 'other'),
    at: 0,
    fault: { kind: 'death', when: 'before' },
  });
  expect(status).toBe(0);
  expect(operations).toEqual([]);
});
