import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageProblems } from './check-packages.mjs';

const root = resolve(import.meta.dirname, '..');
let workspace;

function write(path, text) {
  const file = join(workspace, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A package of the small workspace, with the packages that it declares linked as pnpm does. */
function addPackage(path, { dependencies = [], devDependencies = [] } = {}) {
  const nameOf = (name) => (name === 'tweedie' ? name : `@tweedie/${name}`);
  const record = (names) => Object.fromEntries(names.map((name) => [nameOf(name), '*']));
  write(
    `${path}/package.json`,
    JSON.stringify({
      name: nameOf(path.split('/').at(-1)),
      type: 'module',
      exports: { '.': { '@tweedie/source': './src/index.ts', import: './dist/index.js' } },
      dependencies: record(dependencies),
      devDependencies: record(devDependencies),
    }),
  );
  write(`${path}/README.md`, '');
  write(`${path}/tsconfig.json`, '{}');
  write(`${path}/src/index.ts`, 'export const one = 1;\n');
  for (const name of [...dependencies, ...devDependencies]) {
    const link = join(workspace, path, 'node_modules', nameOf(name));
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(workspace, 'packages', name), link, 'junction');
  }
}

/** Files of `samplers`, each with one import, and the rules that it breaks. */
const imports = {
  'go down the layers': ['down.ts', '@tweedie/core', []],
  'do not go up': ['up.ts', '@tweedie/training', ['layers: plug-ins']],
  'do not go sideways': ['sideways.ts', '@tweedie/data', ['layers: plug-ins']],
  'of tests go sideways': ['sideways.test.ts', '@tweedie/data', []],
  'of tests do not go up': ['up.test.ts', '@tweedie/training', ['layers: tests of plug-ins']],
  'go through public entries': ['inside.ts', '@tweedie/core/src/index.js', ['public entries only']],
  'are of declared packages': ['undeclared.ts', '@tweedie/metrics', ['public entries only']],
  'are not of devDependencies': ['tool.ts', '@tweedie/testing', ['run-time dependencies']],
  'of tests are of devDependencies': ['tool.test.ts', '@tweedie/testing', []],
  'stay in the package when relative': [
    'outside.ts',
    '../../core/src/index.js',
    ['packages by their names'],
  ],
  'are not of tests': ['of-tests.ts', './sums.testing.js', ['tests are not shipped']],
  'make no circular imports of files': [
    'circle.ts',
    './circle.js',
    ['no circular imports of files'],
  ],
  'make no circular imports of folders': [
    'a/one.ts',
    '../b/two.js',
    ['no circular imports of folders'],
  ],
};

/** The rules that each file or folder breaks. */
function brokenRules() {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      ...['--config', join(root, '.dependency-cruiser.mjs')],
      ...['--output-type', 'json', 'packages', 'apps'],
    ],
    { cwd: workspace, encoding: 'utf8' },
  );
  if (stdout === '') throw new Error(stderr);
  const broken = {};
  for (const { from, rule } of JSON.parse(stdout).summary.violations) {
    broken[from] ??= [];
    broken[from].push(rule.name);
  }
  return broken;
}

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), 'tweedie-layers-'));
  write('tsconfig.json', '{}');
  addPackage('packages/core');
  addPackage('packages/data', { dependencies: ['core'] });
  addPackage('packages/samplers', {
    dependencies: ['core', 'data', 'training'],
    devDependencies: ['testing'],
  });
  addPackage('packages/testing', { dependencies: ['core'] });
  addPackage('packages/training', { dependencies: ['core', 'samplers'] });
  addPackage('apps/cli', { dependencies: ['training'] });
  write('apps/cli/src/index.ts', "export { one } from '@tweedie/training';\n");
  write('packages/samplers/src/sums.testing.ts', '');
  write('packages/samplers/src/a/three.ts', '');
  write('packages/samplers/src/b/two.ts', "import '../a/three.js';\n");
  write('packages/samplers/src/types.ts', "import type { one } from '@tweedie/training';\n");
  for (const [file, specifier] of Object.values(imports)) {
    write(`packages/samplers/src/${file}`, `import '${specifier}';\n`);
  }
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

it('imports are held to the rules', () => {
  const expected = Object.entries(imports).map(([title, [file, , rules]]) => [
    title,
    // A circle of folders is told of the folder.
    rules[0] === 'no circular imports of folders'
      ? 'packages/samplers/src/a'
      : `packages/samplers/src/${file}`,
    rules,
  ]);
  const broken = brokenRules();
  expect(broken['packages/samplers/src/b']).toEqual(['no circular imports of folders']);
  expect(broken['packages/samplers/src/types.ts']).toEqual(['layers: plug-ins']);
  expect(expected.map(([title, path]) => [title, broken[path] ?? []])).toEqual(
    expected.map(([title, , rules]) => [title, rules]),
  );
  const known = expected.filter(([, , rules]) => rules.length > 0).length + 2;
  expect(Object.keys(broken)).toHaveLength(known);
});

describe('packages', () => {
  it('are complete', () => {
    expect(packageProblems(workspace)).toEqual({ problems: [], count: 6 });
  });

  it('lack a README, a layer, or the reason for a long file', () => {
    addPackage('packages/stray');
    rmSync(join(workspace, 'packages/stray/README.md'));
    write('packages/stray/src/long.ts', 'export {};\n'.repeat(301));
    write('packages/stray/src/long.test.ts', 'export {};\n'.repeat(301));
    write(
      'packages/stray/src/table.ts',
      `// Over 300 lines: one table.\n${'export {};\n'.repeat(301)}`,
    );
    try {
      expect(packageProblems(workspace).problems).toEqual([
        'packages/stray is on no layer of .dependency-cruiser.mjs',
        'packages/stray has no README.md',
        expect.stringContaining('packages/stray/src/long.ts has 301 lines'),
      ]);
    } finally {
      rmSync(join(workspace, 'packages/stray'), { recursive: true });
    }
  });
});
