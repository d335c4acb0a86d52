import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { KernelComparison } from './inside/compare-kernels.js';

/** What became of one spec of tfjs-core. */
export interface SpecOutcome {
  /** Titles of its suites and its own. */
  readonly name: string;
  /** 'pending' is what tfjs-core itself has switched off. */
  readonly status: 'passed' | 'failed' | 'pending';
  readonly messages: readonly string[];
}

export interface SuiteOutcome {
  readonly specs: readonly SpecOutcome[];
  readonly kernels: KernelComparison;
}

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

/**
 * Runs the specs that tfjs-core ships (`dist/**\/*_test.js`, for jasmine) on its cpu backend with the
 * gradients of `@tweedie/autodiff`, and after them every kernel that they called as a compiled program
 * of one operation.
 *
 * All is bundled into one file and run in a process of its own: the specs are modules that Node cannot
 * load as they stand, and there must be one copy of tfjs-core among them and the packages here.
 */
export async function runSuite(): Promise<SuiteOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-suite-'));
  try {
    const bundle = join(folder, 'suite.mjs');
    await build({
      stdin: { contents: program(), resolveDir: here },
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format: 'esm',
      // The modules of tfjs-core and not its bundle, which has a copy of each.
      mainFields: ['module', 'main'],
      conditions: ['@tweedie/source'],
      // tfjs-core declares its specs free of side effects.
      ignoreAnnotations: true,
      banner: {
        js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`,
      },
      plugins: [resolution],
      logLevel: 'error',
    });
    return await outcomeOf(bundle);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The order matters: jasmine's functions, then the environment, then what is under test, then specs. */
function program(): string {
  const dist = dirname(require.resolve('@tensorflow/tfjs-core'));
  const specs = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('_test.js'))
    // Storage of models, in browsers for the most part: no tensor is computed there.
    .filter((file) => !/^(io|miniprogram)[\\/]/.test(file))
    .sort();
  const modules = [
    './inside/jasmine.ts',
    '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops',
    './inside/environment.ts',
    '@tweedie/autodiff',
    './inside/record-kernels.ts',
    ...specs.map((file) => `@tensorflow/tfjs-core/dist/${file.replaceAll('\\', '/')}`),
    './inside/main.ts',
  ];
  return modules.map((name) => `import ${JSON.stringify(name)};`).join('\n');
}

/** tfjs-core does not declare jasmine; the runtime stays outside, beside its native library. */
const resolution: Plugin = {
  name: 'resolution',
  setup(build) {
    build.onResolve({ filter: /^jasmine-core/ }, ({ path }) => ({ path: require.resolve(path) }));
    build.onResolve({ filter: /^onnxruntime-/ }, ({ path, importer }) => ({
      path: pathToFileURL(createRequire(importer).resolve(path)).href,
      external: true,
    }));
  },
};

function outcomeOf(bundle: string): Promise<SuiteOutcome> {
  return new Promise((resolve, reject) => {
    // Some specs print profiles; tfjs greets on the other stream.
    const child = fork(bundle, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let errors = '';
    let outcome: SuiteOutcome | undefined;
    child.stderr?.on('data', (text: Buffer) => {
      errors = (errors + text.toString()).slice(-4000);
    });
    child.on('message', (message) => {
      outcome = message as SuiteOutcome;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 && outcome !== undefined) resolve(outcome);
      else reject(new Error(`the suite ended with ${code}: ${errors}`));
    });
  });
}
