// `npm test` on a fresh machine: sets up, then runs every check and every test.
import { join } from 'node:path';
import { root, run, setUp } from './set-up.mjs';

setUp({ build: 'build' });
const tool = (...path) => [process.execPath, join(root, 'node_modules', ...path)];
const steps = [
  ['format, lint and imports', 'npm', 'run', '--silent', 'lint'],
  ['types', ...tool('typescript', 'bin', 'tsc'), '-p', 'tsconfig.json'],
  ['tests', ...tool('vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2)],
];
for (const [name, command, ...args] of steps) {
  console.log(`\n— ${name}`);
  const code = run(command, args);
  if (code !== 0) {
    console.error(`${name} failed`);
    process.exit(code);
  }
}
