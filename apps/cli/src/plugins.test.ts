import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { createTweedieRegistry } from 'tweedie';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { exitCodes, reportFailure } from './failure.js';
import { createProgram } from './program.js';

/** A folder as a user of the command has it, with an installed package of plug-ins. */
let folder: string;
const before = process.cwd();
const source = readFileSync(
  join(import.meta.dirname, '../../../examples/plug-ins/src/my-plugins.ts'),
  'utf8',
);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tweedie-plugins-'));
  const installed = join(folder, 'node_modules/tweedie-outside');
  mkdirSync(installed, { recursive: true });
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  writeFileSync(
    join(installed, 'index.js'),
    ts.transpileModule(source, { compilerOptions }).outputText,
  );
  writeFileSync(
    join(installed, 'package.json'),
    JSON.stringify({ name: 'tweedie-outside', type: 'module', exports: './index.js' }),
  );
  writeFileSync(join(folder, 'mine.ts'), source);
  process.chdir(folder);
});
afterEach(() => {
  for (const name of ['ts', 'mjs']) rmSync(join(folder, `tweedie.config.${name}`), { force: true });
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command line in this process. */
async function tweedie(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  let code: number = exitCodes.ok;
  try {
    const done = (given: number) => {
      code = given;
    };
    await createProgram(done)
      .parseAsync(['node', 'tweedie', ...args])
      .catch((error) => done(reportFailure(error, false)));
    // Colours are on where CI is set.
    const text = (spy: typeof out) =>
      stripVTControlCharacters(spy.mock.calls.map(([written]) => String(written)).join(''));
    return { code, out: text(out), err: text(err) };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

const train = (out: string, ...more: string[]) =>
  tweedie(
    ...['train', 'ddpm-moons', '--out', out, '--steps', '2', '--batch', '4', '--samples', '2'],
    ...['--set', 'network=mlp', '--set', 'network.widths=4', '--set', 'sampling.batchSize=2'],
    ...['--set', 'sampling.grid.steps=2', '--backend', 'cpu', '--json', ...more],
  );
const configOf = (run: string) =>
  JSON.parse(readFileSync(join(folder, run, 'config.json'), 'utf8')).config;

describe('plug-ins of an installed package, by name on the command line', () => {
  it.each(createTweedieRegistry().kinds())('%s', async (kind) => {
    const parents: Readonly<Record<string, string>> = {
      sampler: 'sampling.',
      grid: 'sampling.',
      weighting: 'loss.',
    };
    const path = `${parents[kind] ?? ''}${kind}`;
    const run = `by-name-${kind}`;
    const set = ['--set', `${path}=my-${kind}`];
    const { code, err } = await train(run, '--plugin', 'tweedie-outside', ...set);
    expect(err).not.toContain('error');
    expect(code).toBe(0);
    expect(configOf(run).plugins).toEqual([
      { module: 'tweedie-outside', uses: [`${kind} my-${kind}`] },
    ]);
  });

  it('and its options and recipes', async () => {
    const { out } = await tweedie(
      'options',
      'my-recipe',
      ...['--plugin', 'tweedie-outside', '--json'],
    );
    expect(JSON.parse(out)).toContainEqual(
      expect.objectContaining({ path: 'sampling.sampler.shrink', value: 1 }),
    );
    const trained = await tweedie(
      ...['train', 'my-recipe', '--plugin', 'tweedie-outside', '--out', 'recipe'],
      ...['--backend', 'cpu', '--set', 'sampling.sampler.shrink=0.5'],
    );
    expect(trained.code).toBe(0);
    const [needed] = configOf('recipe').plugins;
    expect(needed.uses).toHaveLength(6);
  });

  it('options of other parts than the recipe names, and all of sampling', async () => {
    const { out } = await tweedie(
      ...['options', 'ddpm-moons', '--plugin', 'tweedie-outside', '--json'],
      ...['--set', 'sampling.sampler=my-sampler', '--set', 'loss.weighting=minSnr'],
    );
    const paths = JSON.parse(out).map(({ path }: { path: string }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'sampling.sampler.shrink',
        'loss.weighting.gamma',
        'sampling.batchSize',
      ]),
    );
  });

  it('share what the command itself runs, in a folder without node_modules', async () => {
    const shared = [
      ...['@tweedie/autodiff', '@tweedie/core', '@tweedie/data', '@tweedie/data/node'],
      ...['@tweedie/denoisers', '@tweedie/export', '@tweedie/losses', '@tweedie/networks'],
      ...['@tweedie/plots', '@tweedie/samplers', '@tweedie/schedules', '@tweedie/training'],
      ...['@tweedie/training/node', 'tweedie', 'tweedie/node', '@tensorflow/tfjs-core'],
    ];
    const imports = shared.map((name, i) => `import * as m${i} from '${name}';`).join('\n');
    const sum = shared.map((_, i) => `Object.keys(m${i}).length`).join(' * ');
    writeFileSync(
      join(folder, 'shared.mjs'),
      `${imports}\nif (!(${sum} > 0)) throw new Error('empty');\n` +
        'export default { plugins: { sampler: [m9.ddim] } };',
    );
    const { code, err } = await tweedie('list', 'sampler', '--plugin', './shared.mjs');
    expect(code, err).toBe(0);
  });

  it('not named, they leave no trace', async () => {
    expect((await train('plain', '--plugin', 'tweedie-outside')).code).toBe(0);
    expect(configOf('plain')).not.toHaveProperty('plugins');
  });
});

describe('a run of plug-ins', () => {
  it('is sampled and exported with them', async () => {
    const run = ['recipe', '--plugin', './mine.ts', '--backend', 'cpu', '--json'];
    const sampled = await tweedie('sample', ...run, '-n', '3', '--out', 'three.npy');
    expect(sampled.err).not.toContain('error');
    expect(JSON.parse(sampled.out).shape).toEqual([3, 2]);
    for (const path of ['sampler.shrink', 'sampling.sampler.shrink']) {
      const set = await tweedie('sample', ...run, '-n', '1', '--set', `${path}=0.5`);
      expect(set.code, set.err).toBe(0);
    }
    const exported = await tweedie('export', ...run, '--onnx', 'three.onnx', '--what', 'sampler');
    expect(exported.err).not.toContain('error');
    expect(exported.code).toBe(0);
  });

  it('says what it needs where they are not, and imports nothing by itself', async () => {
    // What the run folder names would run if it were imported.
    writeFileSync(join(folder, 'named.mjs'), "throw new Error('imported')");
    const stored = join(folder, 'recipe/config.json');
    writeFileSync(
      stored,
      readFileSync(stored, 'utf8').replaceAll('"tweedie-outside"', '"./named.mjs"'),
    );
    const { code, err } = await tweedie('sample', 'recipe', '-n', '1');
    expect(code).toBe(1);
    expect(err).toMatch(
      /the run needs plug-ins that are not loaded: .*sampler my-sampler.* of '\.\/named\.mjs'.*pass --plugin \.\/named\.mjs/,
    );
  });

  it('goes on with its plug-ins, wherever they are now', async () => {
    const again = (module: string) =>
      train(
        'by-name-loss',
        ...['--plugin', module, '--set', 'loss=my-loss', '--steps', '4', '--resume'],
      );
    const { code, out } = await again('./mine.ts');
    expect(code).toBe(0);
    expect(JSON.parse(out).step).toBe(4);
    expect(configOf('by-name-loss').plugins[0].module).toBe('./mine.ts');
  });
});

describe('tweedie.config', () => {
  it('gives the plug-ins of a working directory, in TypeScript too', async () => {
    writeFileSync(join(folder, 'tweedie.config.ts'), source);
    const { code } = await train('configured', '--set', 'sampling.sampler=my-sampler');
    expect(code).toBe(0);
    expect(configOf('configured').plugins).toEqual([
      { module: 'tweedie.config.ts', uses: ['sampler my-sampler'] },
    ]);
    const listed = JSON.parse((await tweedie('list', 'sampler', '--json')).out);
    expect(listed.map(({ name }: { name: string }) => name)).toContain('my-sampler');
  });

  it('is not read inside a run folder', async () => {
    process.chdir(join(folder, 'plain'));
    try {
      writeFileSync('tweedie.config.mjs', "throw new Error('imported')");
      const { code, err } = await tweedie('sample', '.', '-n', '1', '--backend', 'cpu');
      expect(err).toContain('tweedie.config.mjs is inside a run folder and is not read');
      expect(code).toBe(0);
    } finally {
      rmSync('tweedie.config.mjs');
      process.chdir(folder);
    }
  });

  it('is one', async () => {
    writeFileSync(join(folder, 'tweedie.config.ts'), source);
    writeFileSync(join(folder, 'tweedie.config.mjs'), 'export default {}');
    expect((await tweedie('list')).err).toContain('tweedie.config.ts and tweedie.config.mjs');
  });
});

describe('tweedie list', () => {
  it('has every kind, and one', async () => {
    const { out } = await tweedie('list');
    for (const kind of ['sampler', 'network', 'loss', 'schedule', 'data', 'optimizer', 'grid']) {
      expect(out).toMatch(new RegExp(`^${kind}$`, 'm'));
    }
    const some = (await tweedie('list', 'sampler')).out;
    expect(some).toContain('ddim');
    expect(some).not.toContain('unet2d');
    expect((await tweedie('list', 'smapler')).err).toMatch(
      /no kind of plug-in 'smapler'.*Did you mean 'sampler'\?/,
    );
    expect((await tweedie('list', 'samplers')).out).toBe(some);
    expect((await tweedie('list', 'losses')).out).toContain('sliced-score-matching');
  });

  it('has recipes, those of plug-ins too', async () => {
    const { out } = await tweedie('list', 'recipes', '--plugin', './mine.ts', '--json');
    const names = JSON.parse(out).map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['ddpm-moons', 'my-recipe']));
  });
});

describe('bad plug-ins end in one message', () => {
  const cases: readonly (readonly [title: string, text: string, message: RegExp])[] = [
    ['no default export', 'export const a = 1;', /bad\.mjs': it has no default export/],
    ['none in it', 'export default {};', /there are none/],
    ['a name of its own', 'export default { sampler: [] };', /has 'sampler'.*plugins: \{ sampler/],
    [
      'a kind that is none',
      'export default { plugins: { samplers: [] } };',
      /Did you mean 'sampler'\?/,
    ],
    [
      'a plug-in that is made',
      "import { ddim } from '@tweedie/samplers';\nexport default { plugins: { sampler: [ddim()] } };",
      /the object 'ddim', which a factory has made.*without calling it/,
    ],
    [
      'a function that makes a factory',
      'export default { plugins: { sampler: [function mine() {}] } };',
      /the function 'mine', which declares no id.*call it/,
    ],
    ['a list that is none', 'export default { plugins: { sampler: 3 } };', /a list of factories/],
    [
      'text that does not parse',
      'const a = 1;\nfunction (\nexport default {',
      /bad\.mjs' cannot be imported: .*\(line [23], column \d+\)/,
    ],
    [
      'a fault of its own',
      "const a = 1;\nthrow new Error('broken inside')",
      /broken inside \(line 2, column \d+\)/,
    ],
    ['an import that is not there', "import 'no-such-package';", /no-such-package/],
  ];
  it.each(cases)('%s', async (_title, text, message) => {
    writeFileSync(join(folder, 'bad.mjs'), text);
    const { code, err } = await tweedie('list', '--plugin', './bad.mjs');
    expect(err).toMatch(message);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  });

  it('a file or package that is not there', async () => {
    expect((await tweedie('list', '--plugin', './none.ts')).err).toContain("no file './none.ts'");
    expect((await tweedie('list', '--plugin', 'no-such')).err).toContain("no package 'no-such'");
  });

  it('a name that Tweedie has: the later wins, and that is said', async () => {
    writeFileSync(join(folder, 'mine-too.mts'), source.replaceAll("'my-sampler'", "'ddim'"));
    const listed = await tweedie(
      ...['list', 'sampler', '--plugin', './mine.ts', '--plugin', './mine-too.mts', '--json'],
    );
    expect(listed.err).toContain("sampler ddim of ./mine-too.mts takes the place of Tweedie's");
    expect(listed.err).toContain("loss my-loss of ./mine-too.mts takes the place of ./mine.ts's");
    expect(JSON.parse(listed.out)).toContainEqual(
      expect.objectContaining({ name: 'ddim', doc: 'DDIM without noise' }),
    );
  });
});

describe('a plug-in with a fault', () => {
  /** A module with a loss and a sampler, whose text a test gives. */
  const write = (loss: string, rule: string) =>
    writeFileSync(
      join(folder, 'faulty.mjs'),
      `import { defineFactory } from '@tweedie/core';
import { simpleLoss } from '@tweedie/losses';
import { defineSampler } from '@tweedie/samplers';
const loss = defineFactory({
  owner: 'mine', id: 'my-faulty-loss', doc: 'with a fault', options: {}, create: () => (${loss}),
});
const sampler = defineSampler({
  owner: 'mine', id: 'my-faulty-sampler', doc: 'with a fault', options: {}, rule: () => ${rule},
});
export default { plugins: { loss: [loss], sampler: [sampler] } };
`,
    );
  const faulty = ['--plugin', './faulty.mjs', '--set', 'loss=my-faulty-loss'];

  it('that lacks a part is named before anything is written', async () => {
    write('{ value: () => 0 }', 'async () => ({})');
    const { code, err } = await train('lacking', ...faulty);
    expect(err).toContain("the loss 'my-faulty-loss' has no draw");
    expect(code).toBe(1);
    expect(existsSync(join(folder, 'lacking'))).toBe(false);
  });

  it('that throws is told apart from Tweedie, with its line', async () => {
    write('{ draw() { return undefined.x; }, value: () => 0 }', 'async () => ({})');
    const { err } = await train('throwing', ...faulty);
    expect(err).toMatch(/It arose in the plug-ins of '\.\/faulty\.mjs', line 5, column \d+\./);
    expect(err).not.toContain('fault of Tweedie');
  });

  it('at the first step leaves no folder in the way of the corrected command', async () => {
    write('{ draw: () => 3, value: () => 0 }', 'async () => ({})');
    expect((await train('corrected', ...faulty)).err).toContain('draw of the loss');
    expect(existsSync(join(folder, 'corrected'))).toBe(false);
    write('{ ...simpleLoss() }', 'async () => ({})');
    expect((await train('corrected', ...faulty)).code).toBe(0);
  });

  it('in a sampler is named', async () => {
    const set = ['--plugin', './faulty.mjs', '--sampler', 'my-faulty-sampler', '--backend', 'cpu'];
    const { err } = await tweedie('sample', 'corrected', '-n', '1', ...set);
    expect(err).toContain("the rule of sampler 'my-faulty-sampler' returned no tensor x at step 0");
  });

  it('has the stack of its cause shown under TWEEDIE_DEBUG=1', async () => {
    writeFileSync(join(folder, 'bad.mjs'), "throw new Error('broken inside')");
    process.env.TWEEDIE_DEBUG = '1';
    try {
      const { err } = await tweedie('list', '--plugin', './bad.mjs');
      expect(err).toMatch(/caused by Error: broken inside\n\s+at .*bad\.mjs:1/);
    } finally {
      delete process.env.TWEEDIE_DEBUG;
    }
  });
});
