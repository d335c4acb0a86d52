// Sets up this workspace on a fresh machine that has Node and npm and nothing else.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Stops with one line when a command fails; its own output has said why. */
function fail(message) {
  console.error(message);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [neededMajor, neededMinor] = /(\d+)\.(\d+)/
    .exec(manifest.engines.node)
    .slice(1)
    .map(Number);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  fail(
    `Tweedie needs Node ${manifest.engines.node}; this is ${process.version}. Install a newer Node.`,
  );
}

/** Runs a program with this terminal; returns its exit code. */
export function run(command, args, environment = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, ...environment },
  });
  if (result.error) fail(`Could not run ${command}: ${result.error.message}`);
  return result.status ?? 1;
}

/** Runs the pinned pnpm, which npm fetches into its own cache when it is not there. */
export function pnpm(args, environment) {
  return run(
    'npm',
    ['exec', '--yes', `--package=${manifest.packageManager}`, '--', 'pnpm', ...args],
    {
      npm_config_update_notifier: 'false',
      ...environment,
    },
  );
}

/** Installs the locked dependencies unless they are there already. */
function install() {
  const installed = join(root, 'node_modules', '.modules.yaml');
  const lock = join(root, 'pnpm-lock.yaml');
  if (existsSync(installed) && statSync(installed).mtimeMs > statSync(lock).mtimeMs) return;
  if (pnpm(['install', '--frozen-lockfile', '--prefer-offline']) !== 0) {
    fail(
      'Installing the dependencies failed; they come from the npm registry, so check the network.',
    );
  }
}

/**
 * Node version, dependencies and, where asked, the built packages: 'build:js' makes what runs,
 * 'build' the type declarations too. Turbo skips what is current.
 */
export function setUp({ build } = {}) {
  checkNode();
  install();
  if (build === undefined) return;
  // Turbo asks for the package manager by name, so it runs where pnpm is on the path.
  const code = pnpm(['exec', 'turbo', 'run', build, '--output-logs=errors-only'], {
    TURBO_TELEMETRY_DISABLED: '1',
  });
  if (code !== 0) fail('Building the packages failed; the messages above say where.');
}
