// Fails when an import runs up the floors of the house, reaches past a package's public entry, or
// names a package that the importer does not declare; and when a package lacks what each has.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../..');

/** Floors from the ground up; a package imports only from lower ones. */
const floors = [
  ['core'],
  ['testing'],
  ['autodiff'],
  [
    'schedules',
    'losses',
    'samplers',
    'networks',
    'data',
    'metrics',
    'plots',
    'backend-eager',
    'backend-onnx',
    'backend-webgpu',
    'backend-node',
  ],
  ['training'],
  ['tweedie'],
];
const floorOf = new Map(floors.flatMap((names, floor) => names.map((name) => [name, floor])));
const top = floors.length;

export function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((entry) => {
    if (entry === 'node_modules' || entry === 'dist' || entry.startsWith('.')) return [];
    const path = join(folder, entry);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

/** Specifiers of static imports, re-exports and dynamic imports with a literal. */
export function importsOf(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  // `from 'x'` ends an import or export; `import 'x'` and `import('x')` stand alone.
  const pattern =
    /(?:^\s*(?:import|export)\b[^;'"]*\bfrom\s*|^\s*import\s*|\bimport\s*\(\s*)(['"])([^'"\n]+)\1/gm;
  return [...code.matchAll(pattern)].map((match) => match[2]);
}

/** 'core' of '@tweedie/core/node'; undefined for any other package. */
function ownName(specifier) {
  if (specifier === 'tweedie' || specifier.startsWith('tweedie/')) return 'tweedie';
  return /^@tweedie\/([^/]+)/.exec(specifier)?.[1];
}

/** All problems of one package's imports, each a line. */
export function importProblems({ name, folder, manifest, isApp, manifests }) {
  const problems = [];
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
  const declaredForTests = { ...declared, ...manifest.devDependencies };
  for (const path of filesUnder(join(folder, 'src')).filter((file) => /\.m?[jt]sx?$/.test(file))) {
    // What only tests import may use what tests may use.
    const isTest = /\.test(-d)?\.ts$|\.testing\.ts$/.test(path);
    const say = (text) => problems.push(`${relative(root, path)}: ${text}`);
    for (const specifier of importsOf(readFileSync(path, 'utf8'))) {
      if (specifier.startsWith('.')) {
        if (!resolve(path, '..', specifier).startsWith(resolve(folder) + sep)) {
          say(`'${specifier}' leaves the package; import the other package by its name`);
        }
        continue;
      }
      if (specifier.startsWith('node:')) continue;
      const own = ownName(specifier);
      const packageName = own
        ? own === 'tweedie'
          ? 'tweedie'
          : `@tweedie/${own}`
        : specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/');
      if (!(packageName in (isTest ? declaredForTests : declared))) {
        if (packageName === 'vitest' || packageName === 'fast-check') {
          if (isTest || name === 'testing') continue;
        }
        say(`'${packageName}' is not among the ${isTest ? '' : 'run-time '}dependencies`);
        continue;
      }
      if (own === undefined) continue;
      const entry = specifier === packageName ? '.' : `.${specifier.slice(packageName.length)}`;
      if (manifests.get(own)?.exports?.[entry] === undefined) {
        say(`'${specifier}' reaches past the public entries of ${packageName}`);
      }
      // Tests may look sideways (a sampler is tested on exact mixtures), never up.
      const mine = isApp ? top : floorOf.get(name);
      const theirs = floorOf.get(own);
      if (theirs === undefined || theirs > mine || (theirs === mine && !isTest && own !== name)) {
        say(`'${specifier}' is not on a lower floor than ${name}`);
      }
    }
  }
  return problems;
}

function check() {
  const problems = [];
  const members = ['packages', 'apps'].flatMap((group) =>
    existsSync(join(root, group))
      ? readdirSync(join(root, group))
          .filter((name) => existsSync(join(root, group, name, 'package.json')))
          .map((name) => ({ group, name, folder: join(root, group, name) }))
      : [],
  );
  const manifests = new Map(
    members.map(({ name, folder }) => [
      name,
      JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
    ]),
  );
  for (const { group, name, folder } of members) {
    const isApp = group === 'apps';
    if (!isApp && !floorOf.has(name)) problems.push(`packages/${name} stands on no floor`);
    for (const needed of ['README.md', 'tsconfig.json']) {
      if (!existsSync(join(folder, needed))) problems.push(`${group}/${name} has no ${needed}`);
    }
    const manifest = manifests.get(name);
    problems.push(...importProblems({ name, folder, manifest, isApp, manifests }));
  }
  return { problems, count: members.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { problems, count } = check();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exit(1);
  console.log(`architecture: ${count} packages, every import runs down the floors`);
}
