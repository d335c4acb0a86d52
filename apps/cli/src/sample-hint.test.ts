import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recipes } from 'tweedie';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { reportFailure } from './failure.js';
import { createProgram } from './program.js';
import { sampleHint } from './sample-hint.js';

const folder = mkdtempSync(join(tmpdir(), 'tweedie-hint-'));
const before = process.cwd();
process.chdir(folder);
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command line in this process. */
async function tweedie(...args: string[]): Promise<{ code: number; err: string }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  let code = 0;
  const done = (given: number) => {
    code = given;
  };
  try {
    await createProgram(done)
      .parseAsync(['node', 'tweedie', ...args])
      .catch((error) => done(reportFailure(error, false)));
    return { code, err: err.mock.calls.map(([text]) => String(text)).join('') };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

/** What makes a step of each recipe short; the parts stay those of the recipe. */
const short: Readonly<Record<string, readonly string[]>> = {
  'ddpm-mnist': ['sampling.grid.steps=2', 'data.limit=64'],
  'ddpm-fashion-mnist': ['sampling.grid.steps=2', 'data=mnist', 'data.limit=64'],
  'ncsn-mnist': ['sampling.sampler.stepsPerLevel=1', 'network.ngf=4', 'data.limit=64'],
  'ncsn-toy': ['sampling.sampler.stepsPerLevel=1'],
  'ddpm-moons': ['sampling.grid.steps=2'],
};

describe('the command that training ends with', () => {
  it.each(recipes.map(({ id }) => id))('draws samples of a run of %s', async (id) => {
    const set = ['sampling.batchSize=2', ...short[id]!].flatMap((text) => ['--set', text]);
    const run = ['train', id, '--out', id, '--steps', '1', '--batch', '2', '--samples', '0'];
    const trained = await tweedie(...run, ...set);
    expect(trained.code, trained.err).toBe(0);
    const command = /^more\s+tweedie (.*)$/m.exec(trained.err)![1]!;
    const sampled = await tweedie(...command.replace('-n 64', '-n 2').split(' '));
    expect(sampled.code, sampled.err).toBe(0);
  });

  it('names the plug-ins, quotes what a shell would split, and writes numbers where there is no picture', () => {
    expect(sampleHint('runs/mine', ['./my plug-ins.ts'], [28, 28, 1])).toBe(
      "tweedie sample runs/mine --plugin './my plug-ins.ts' -n 64 --out more.png",
    );
    expect(sampleHint("it's", [], [5])).toBe("tweedie sample 'it'\\''s' -n 64 --out more.npy");
  });
});
