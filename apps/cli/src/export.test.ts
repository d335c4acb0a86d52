import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hostArray } from '@tweedie/core';
import type { ExportKind } from '@tweedie/export';
import * as ort from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultOf } from './command-result.testing.js';
import { type ExportFlags, exportCommand } from './export.js';
import { trainCommand } from './train.js';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/export.md'), 'utf8');
let folder: string;
const at = (...path: string[]) => join(folder, ...path);

const training = {
  samples: 0,
  checkpointEvery: 100,
  backend: 'onnx',
  json: true,
  set: ['network.widths=16,16', 'sampling.grid.steps=8'],
};
const flags: Omit<ExportFlags, 'onnx'> = {
  what: 'denoiser',
  batch: 16,
  weights: 'ema',
  set: [],
  backend: 'onnx',
  json: true,
};

const exported = async (file: string, more: Partial<ExportFlags> = {}) =>
  JSON.parse(await resultOf(() => exportCommand(at('run'), { ...flags, onnx: at(file), ...more })));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tweedie-export-'));
  await resultOf(() => trainCommand('ddpm-moons', { ...training, out: at('run'), steps: 4 }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Blocks of code of the page in a language, in their order. */
function blocks(language: string): string[] {
  const found = page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'));
  return [...found].map(([, code]) => code!);
}

describe('tweedie export', () => {
  it.each<ExportKind>(['denoiser', 'sampler-step', 'sampler'])(
    'writes a %s and says what it takes',
    async (what) => {
      const result = await exported(`${what}.onnx`, { what });
      expect(result).toMatchObject({ file: at(`${what}.onnx`), what, step: 4 });
      expect(result.bytes).toBe(statSync(result.file).size);
      expect(result.difference).toBeLessThan(1e-5);
      const session = await ort.InferenceSession.create(result.file);
      const names = result.inputs.map(({ name }: { name: string }) => name);
      expect(session.inputNames).toEqual(names);
      expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    },
  );

  it('tells a person the same in lines', async () => {
    const text = await resultOf(() =>
      exportCommand(at('run'), { ...flags, onnx: at('lines.onnx'), json: false }),
    );
    expect(text).toMatch(/lines\.onnx {2}0\.\d\d MB\n/);
    expect(text).toMatch(/inputs {6}x float32\[16, 2\], alpha float32\[\], sigma float32\[\]\n/);
    expect(text).toMatch(/difference .*e-\d+ of the largest value/);
  });

  it('takes other samplers and steps', async () => {
    const { inputs } = await exported('ddim.onnx', {
      what: 'sampler',
      sampler: 'ddim',
      steps: 5,
      set: ['sampler.eta=1'],
    });
    // At η = 1 DDIM draws at each step but the last.
    expect(inputs[1]).toEqual({ name: 'noise', type: 'float32', shape: [4, 16, 2] });
  });

  it('refuses what cannot be done, and leaves nothing behind', async () => {
    const refused = (run: string, more: Partial<ExportFlags>) =>
      expect(resultOf(() => exportCommand(at(run), { ...flags, onnx: at('no.onnx'), ...more })))
        .rejects;
    await refused('nowhere', {}).toMatchObject({ code: 'MISSING_DATA' });
    await refused('run', { onnx: at('no', 'file.onnx') }).toMatchObject({
      code: 'IO',
      message: expect.stringMatching(/there is no folder/),
    });
    await refused('run', { onnx: folder }).toThrow(/it is a folder/);
    await refused('run', {
      what: 'sampler',
      set: ['sampler.clip=null', 'sampler.threshold=0.9'],
    }).toMatchObject({ code: 'UNSUPPORTED', message: expect.stringMatching(/'ddpm'/) });
    expect(existsSync(at('no.onnx'))).toBe(false);
  });

  it.skipIf(process.getuid?.() === 0)('says where it may not write', async () => {
    mkdirSync(at('closed'));
    chmodSync(at('closed'), 0o500);
    await expect(exported('closed/x.onnx')).rejects.toMatchObject({ code: 'IO' });
  });
});

const python = [process.env.TWEEDIE_BENCH_PYTHON, 'python3'].find(
  (command) =>
    command !== undefined && spawnSync(command, ['-c', 'import numpy, onnxruntime']).status === 0,
);

/** Runs a program in the folder of the files. */
function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** The elements of an array of float32 that numpy saved. */
function readNpy(file: string): Float32Array {
  const bytes = readFileSync(at(file));
  const begin = 10 + bytes.readUInt16LE(8);
  return new Float32Array(
    bytes.buffer.slice(bytes.byteOffset + begin, bytes.byteOffset + bytes.length),
  );
}

/** Inputs of the whole sampler that are the same in each runtime. */
function feedsOf(inputs: readonly { readonly name: string; readonly shape: readonly number[] }[]) {
  return inputs.map(({ name, shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length: size }, (_, i) => Math.sin(1 + 3 * i));
    return { name, ...hostArray(data, shape) };
  });
}

/** Equal to 10⁻⁵ of the largest value: single precision through a small network, eight times. */
function expectSame(actual: Float32Array, expected: Float32Array): void {
  const largest = Math.max(...expected.map(Math.abs));
  const gaps = expected.map((value, i) => Math.abs(value - actual[i]!));
  expect(largest).toBeGreaterThan(0.1);
  expect(Math.max(...gaps)).toBeLessThan(1e-5 * largest);
}

describe('the file in other runtimes', () => {
  it('gives the same samples in onnxruntime-web', async () => {
    const { inputs } = await exported('digits.onnx', { what: 'sampler' });
    const feeds = feedsOf(inputs);
    const native = await ort.InferenceSession.create(at('digits.onnx'));
    const nativeFeeds = feeds.map(({ name, data, shape }) => [name, new ort.Tensor(data, shape)]);
    const expected = await native.run(Object.fromEntries(nativeFeeds));
    const session = await web.InferenceSession.create(readFileSync(at('digits.onnx')));
    const webFeeds = feeds.map(({ name, data, shape }) => [name, new web.Tensor(data, shape)]);
    const actual = await session.run(Object.fromEntries(webFeeds));
    expectSame(actual.samples!.data as Float32Array, expected.samples!.data as Float32Array);
  });

  it("runs the page's JavaScript", async () => {
    await exported('digits.onnx', { what: 'sampler' });
    const native = pathToFileURL(createRequire(import.meta.url).resolve('onnxruntime-node')).href;
    const [code] = blocks('js');
    writeFileSync(at('sample.mjs'), code!.replace("'onnxruntime-node'", `'${native}'`));
    expect(run(process.execPath, 'sample.mjs')).toMatch(/\[ 16, 2 \]/);
  });

  it.skipIf(python === undefined)("runs the page's Python", async () => {
    await exported('digits.onnx', { what: 'sampler' });
    await exported('denoiser.onnx');
    const [sampling, byHand] = blocks('python');
    writeFileSync(at('sample.py'), sampling!);
    expect(run(python!, 'sample.py')).toContain('(16, 2)');
    writeFileSync(at('ddim.py'), byHand!);
    run(python!, 'ddim.py');
    expect(readNpy('ddim.npy')).toHaveLength(32);
    expect(readNpy('ddim.npy').every(Number.isFinite)).toBe(true);
  });

  it.skipIf(python === undefined)('gives the same samples in Python', async () => {
    const { inputs } = await exported('digits.onnx', { what: 'sampler' });
    const feeds = feedsOf(inputs);
    for (const { name, data } of feeds) writeFileSync(at(`${name}.bin`), data);
    const program = `
import numpy as np, onnxruntime as ort
try:
    import onnx
    onnx.checker.check_model(onnx.load("digits.onnx"), full_check=True)
except ImportError:
    pass
session = ort.InferenceSession("digits.onnx")
feeds = {i.name: np.fromfile(i.name + ".bin", dtype=np.float32).reshape(i.shape) for i in session.get_inputs()}
np.save("samples.npy", session.run(None, feeds)[0])
`;
    run(python!, '-c', program);
    const native = await ort.InferenceSession.create(at('digits.onnx'));
    const nativeFeeds = feeds.map(({ name, data, shape }) => [name, new ort.Tensor(data, shape)]);
    const expected = await native.run(Object.fromEntries(nativeFeeds));
    expectSame(readNpy('samples.npy'), expected.samples!.data as Float32Array);
  });
});
