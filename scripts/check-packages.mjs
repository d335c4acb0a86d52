// Fails when a package lacks what each has, is on no layer, or holds a source of more than 300
// lines that does not say why. Imports are checked by .dependency-cruiser.mjs.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { layers } from '../.dependency-cruiser.mjs';

const maxLines = 300;
/** What a long file says in a comment among its first lines: 'Over 300 lines: the reason'. */
const reason = /^\s*(\/\/|\/?\*+) ?Over 300 lines: \S/m;

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** What is wrong with the packages of a workspace, a line each. */
export function packageProblems(root) {
  const problems = [];
  const onLayers = Object.values(layers).flat();
  const folders = ['packages', 'apps']
    .flatMap((group) =>
      existsSync(join(root, group))
        ? readdirSync(join(root, group)).map((name) => join(root, group, name))
        : [],
    )
    .filter((folder) => statSync(folder).isDirectory() && existsSync(join(folder, 'package.json')));
  for (const folder of folders) {
    const path = relative(root, folder).split(sep).join('/');
    const name = path.split('/').at(-1);
    if (!onLayers.includes(name))
      problems.push(`${path} is on no layer of .dependency-cruiser.mjs`);
    for (const needed of ['README.md', 'tsconfig.json']) {
      if (!existsSync(join(folder, needed))) problems.push(`${path} has no ${needed}`);
    }
    for (const file of filesUnder(join(folder, 'src'))) {
      if (!/\.m?[jt]s$/.test(file) || /\.(test|test-d|testing)\.m?ts$/.test(file)) continue;
      const source = relative(root, file).split(sep).join('/');
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      if (lines.length <= maxLines) continue;
      if (reason.test(lines.slice(0, 5).join('\n'))) continue;
      problems.push(
        `${source} has ${lines.length} lines; split it, or say why not at its top: '// Over 300 lines: …'`,
      );
    }
  }
  return { problems, count: folders.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { problems, count } = packageProblems(resolve(fileURLToPath(import.meta.url), '../..'));
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exit(1);
  console.log(`${count} packages are complete`);
}
