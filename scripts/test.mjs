// `npm test` on a fresh machine: sets up, then runs every check and every test.
import { join } from 'node:path';
import { root, run, setUp } from './set-up.mjs';

setUp({ build: 'build' });
const tool = (...path) => join(root, 'node_modules', ...path);
const steps = [
  ['format and lint', tool('@biomejs', 'biome', 'bin', 'biome'), ['check', '.']],
  ['packages', join(root, 'scripts', 'check-packages.mjs'), []],
  [
    'imports',
    tool('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
    ['packages', 'apps', 'examples', 'benchmarks', 'reliability', 'scripts'],
  ],
  ['types', tool('typescript', 'bin', 'tsc'), ['-p', 'tsconfig.json']],
  ['tests', tool('vitest', 'vitest.mjs'), ['run', ...process.argv.slice(2)]],
];
for (const [name, script, args] of steps) {
  console.log(`\n— ${name}`);
  const code = run(process.execPath, [script, ...args]);
  if (code !== 0) {
    console.error(`${name} failed`);
    process.exit(code);
  }
}
