/**
 * The layers of the workspace, the highest first. A package imports only from layers below its own,
 * never from its own; tests may also look at packages of their own layer (a sampler is tested on
 * exact mixtures). A new package takes its place here.
 */
export const layers = {
  apps: ['cli'],
  presets: ['tweedie', 'figures'],
  use: ['export', 'training'],
  'plug-ins': [
    ...['schedules', 'losses', 'samplers', 'networks', 'denoisers', 'data', 'metrics', 'plots'],
    ...['backend-eager', 'backend-onnx'],
  ],
  tensors: ['autodiff'],
  testing: ['testing'],
  contracts: ['core'],
};

/** A test, or what only tests import. */
const tests = '[.](test|test-d|testing)[.]m?ts$';
const anyOf = (names) => `(${names.join('|')})`;
/** Where an import of one of these packages ends. */
const imported = (names) =>
  names.map((name) => `node_modules/${name === 'tweedie' ? '' : '@tweedie/'}${name}/`);

const fromHighest = Object.entries(layers).map(([title, names]) => ({
  title,
  names,
}));
const layerRules = fromHighest.flatMap(({ title, names }, index) => {
  const above = fromHighest.slice(0, index).flatMap((layer) => layer.names);
  const folder = `^(packages|apps)/${anyOf(names)}/`;
  return [
    {
      name: `layers: ${title}`,
      comment: `Imports go down the layers: ${title} imports nothing of its own layer or above.`,
      severity: 'error',
      from: { path: folder, pathNot: tests },
      to: { path: imported([...names, ...above]) },
    },
    ...(above.length === 0
      ? []
      : [
          {
            name: `layers: tests of ${title}`,
            comment: 'Tests may look at packages of their own layer, not at higher ones.',
            severity: 'error',
            from: { path: `${folder}.*${tests}` },
            to: { path: imported(above) },
          },
        ]),
  ];
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...layerRules,
    {
      name: 'public entries only',
      comment:
        "What a package's `exports` do not name cannot be imported. Also: a package that is not declared, or a file that is not there.",
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'packages by their names',
      comment: 'A relative import stays in its package; import another package by its name.',
      severity: 'error',
      from: { path: '^((?:packages|apps|examples)/[^/]+|benchmarks|reliability|scripts)/' },
      to: {
        path: '^(packages|apps|examples|benchmarks|reliability|scripts)/',
        pathNot: '(^|/)$1/|node_modules/',
      },
    },
    {
      name: 'declared packages',
      comment: 'What is imported is among the dependencies of the nearest package.json.',
      severity: 'error',
      from: {},
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown'],
        // An optional peer is in `peerDependenciesMeta` too, which is read as an unknown kind.
        dependencyTypesNot: ['npm', 'npm-dev', 'npm-peer', 'npm-optional'],
        // Tools of the workspace's tests, declared at its root.
        pathNot: '^node_modules/(vitest|fast-check)/',
      },
    },
    {
      name: 'test tools in tests',
      comment:
        'vitest and fast-check are there for tests (and for `testing`, which is made of them).',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: [tests, '^packages/testing/'] },
      to: { path: '^node_modules/(vitest|fast-check)/' },
    },
    {
      name: 'run-time dependencies',
      comment: 'What is shipped imports dependencies and peers, never devDependencies.',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/', pathNot: tests },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional'],
      },
    },
    {
      name: 'tests are not shipped',
      comment: 'Only tests import tests and *.testing.ts.',
      severity: 'error',
      from: { pathNot: tests },
      to: { path: tests, dependencyTypes: ['local'] },
    },
    {
      name: 'no circular imports of files',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no circular imports of folders',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['(^|/)dist/', '^node_modules/[.]pnpm/'] },
    // A package of the workspace is seen as what its importer's package.json declares.
    preserveSymlinks: true,
    combinedDependencies: false,
    // Imports of types count: they need the package as well.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@tweedie/source', 'node', 'import', 'default', 'types'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.json'],
    },
  },
};
