// What the published packages bring along: writes docs/dependencies.md (`--write`), or fails when that
// is stale or when something came in that was not looked at.
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Licences that ask for no more than to be named. */
const permissive = [
  ...['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'Unlicense', 'CC0-1.0'],
  ...['BlueOak-1.0.0', 'Zlib', 'Python-2.0'],
];
/** Others that were looked at, by package; why they are right here. */
const otherLicences = {
  '@resvg/resvg-wasm': ['MPL-2.0', 'asks for the source of its own files alone, and is unchanged'],
  'dejavu-fonts-ttf': [
    'SEE LICENSE IN README.md AND LICENSE',
    'permissive (Bitstream Vera): the fonts may be used and passed on with any program, but not sold alone, nor changed under their name',
  ],
};
/** Scripts that run on a user's machine on installing, and were looked at. */
const knownScripts = {
  'onnxruntime-node':
    'downloads CUDA libraries for NVIDIA cards on Linux x64; `npm install --ignore-scripts` leaves them out, and everything but CUDA works',
};
const scriptNames = ['preinstall', 'install', 'postinstall'];

const page = 'docs/dependencies.md';

/**
 * A package from outside that somebody gets who installs one of ours.
 *
 * @typedef {object} Dependency
 * @property {string} name
 * @property {string} version
 * @property {string} licence as its manifest says it
 * @property {readonly string[]} scripts what installing it runs
 * @property {number} bytes of its files
 * @property {readonly string[]} neededBy packages that name it, ours without their scope
 * @property {boolean} peer whether its user installs it
 */

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Folders of the packages that are published. */
function published(root) {
  return ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group))
      .map((name) => join(root, group, name))
      .filter((folder) => existsSync(join(folder, 'package.json')))
      .filter((folder) => !read(join(folder, 'package.json')).private),
  );
}

const isOurs = (name) => name === 'tweedie' || name.startsWith('@tweedie/');

/** Where a package finds another: in its own node_modules, or beside itself as pnpm lays it out. */
function installedAt(folder, name) {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const found = join(at, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return realpathSync(found);
  }
  return undefined;
}

function bytesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.slice(folder.length).includes('node_modules'))
    .reduce((sum, path) => sum + lstatSync(path).size, 0);
}

/** @returns {readonly Dependency[]} by name */
export function listDependencies(root) {
  const found = new Map();
  const visit = (name, from, needer, peer) => {
    const folder = installedAt(from, name);
    if (folder === undefined) throw new Error(`${name}, which ${needer} needs, is not installed`);
    const manifest = read(join(folder, 'package.json'));
    const key = `${name}@${manifest.version}`;
    const known = found.get(key);
    if (known !== undefined) {
      known.neededBy.add(needer);
      known.peer &&= peer;
      if (peer || known.followed) return;
    }
    const entry = known ?? {
      name,
      version: manifest.version,
      licence: licenceOf(manifest),
      scripts: scriptNames.filter((script) => manifest.scripts?.[script] !== undefined),
      bytes: bytesOf(folder),
      neededBy: new Set([needer]),
      peer,
    };
    // Built natively by npm, without a script that says so.
    if (known === undefined && existsSync(join(folder, 'binding.gyp'))) entry.scripts.push('gyp');
    found.set(key, entry);
    if (peer) return;
    entry.followed = true;
    for (const next of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }))
      visit(next, folder, name, false);
  };
  for (const folder of published(root)) {
    const manifest = read(join(folder, 'package.json'));
    const needer = manifest.name.replace('@tweedie/', '');
    for (const [names, peer] of [
      [manifest.dependencies, false],
      [manifest.optionalDependencies, false],
      [manifest.peerDependencies, true],
    ]) {
      for (const name of Object.keys(names ?? {}))
        if (!isOurs(name)) visit(name, folder, needer, peer);
    }
  }
  return [...found.values()]
    .map(({ followed: _, neededBy, ...entry }) => ({ ...entry, neededBy: [...neededBy].sort() }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function licenceOf({ license, licenses }) {
  const all = [license ?? licenses ?? []].flat();
  return all.map((one) => (typeof one === 'string' ? one : one.type)).join(' OR ') || 'none given';
}

/** Whether one of the licences that a package may be used under is permissive. */
function isPermissive(licence) {
  const choices = licence.replaceAll(/[()]/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((one) => permissive.includes(one)));
}

/** What was not looked at, a line each. */
export function dependencyProblems(dependencies, lock) {
  const problems = [];
  for (const { name, version, licence, scripts } of dependencies) {
    const other = otherLicences[name]?.[0];
    if (!isPermissive(licence) && licence !== other) {
      problems.push(
        `${name} ${version} has the licence '${licence}'. Allowed: ${permissive.join(', ')}. Take another package, or add it to otherLicences of scripts/dependencies.mjs with the reason.`,
      );
    }
    if (scripts.length > 0 && knownScripts[name] === undefined) {
      problems.push(
        `${name} ${version} runs scripts on installing (${scripts.join(', ')}). Take another package, or read them and add it to knownScripts of scripts/dependencies.mjs.`,
      );
    }
  }
  const engines = new Set(lock.match(/^ {2}'@tensorflow\/tfjs-core@[^('\s]+/gm));
  if (engines.size !== 1) {
    problems.push(
      `the lock file has ${engines.size} versions of @tensorflow/tfjs-core. Allowed: one, because tensors of one copy are unknown to another.`,
    );
  }
  const unhashed = lock.match(/^ {4}resolution: \{(?!integrity: sha512-[^,}]+\}).*$/gm) ?? [];
  for (const line of unhashed) {
    problems.push(`the lock file takes a package from elsewhere than the registry: ${line.trim()}`);
  }
  return problems;
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e5 ? 3 : bytes < 1e7 ? 2 : 0);

function row({ name, version, licence, scripts, bytes, neededBy }) {
  const users = neededBy.length > 5 ? `${neededBy.length} packages` : neededBy.join(', ');
  return `| ${name} | ${version} | ${licence} | ${scripts.join(', ') || 'none'} | ${megabytes(bytes)} | ${users} |`;
}

/** The page of a list. */
export function dependencyPage(dependencies) {
  const head = [
    '| package | version | licence | install scripts | MB | needed by |',
    '| --- | --- | --- | --- | ---: | --- |',
  ];
  const brought = dependencies.filter(({ peer }) => !peer);
  const peers = dependencies.filter(({ peer }) => peer);
  const total = megabytes(brought.reduce((sum, { bytes }) => sum + bytes, 0));
  const noted = (notes, reason) =>
    Object.entries(notes)
      .filter(([name]) => dependencies.some((one) => one.name === name))
      .map(([name, note]) => `- **${name}** ${reason(note)}.`);
  return [
    '# Dependencies',
    '',
    '<!-- Written by `npm run dependencies`. -->',
    '',
    `What comes with the published packages of Tweedie, all ${brought.length} with what they need in turn: ${total} MB`,
    'unpacked when everything is installed. `npm run lint` fails when this list is stale, when a package runs a',
    'script on installing that was not read, has a licence that was not looked at, comes from elsewhere than the',
    'registry, or brings a second copy of @tensorflow/tfjs-core. The versions and the hash of each package are in',
    '`pnpm-lock.yaml`.',
    '',
    ...head,
    ...brought.map(row),
    '',
    '## Installed by who needs them',
    'Peers: packages that are used when they are there, with what they bring themselves.',
    '',
    ...head,
    ...peers.map(row),
    '',
    '## Looked at',
    ...noted(otherLicences, ([licence, why]) => `(${licence}) ${why}`),
    ...noted(knownScripts, (what) => what),
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = resolve(fileURLToPath(import.meta.url), '../..');
  const dependencies = listDependencies(root);
  const problems = dependencyProblems(
    dependencies,
    readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8'),
  );
  const text = dependencyPage(dependencies);
  const path = join(root, page);
  if (process.argv.includes('--write')) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    problems.push(`${page} is stale. Run 'npm run dependencies' and look at what changed.`);
  }
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exit(1);
  console.log(`${dependencies.length} dependencies are known`);
}
