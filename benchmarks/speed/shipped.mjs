import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { findPython } from './python.mjs';
import { packageFolder } from './versions.mjs';

const sidesFolder = fileURLToPath(new URL('./sides', import.meta.url));

const forBrowsers = { platform: 'browser', mainFields: ['module', 'browser', 'main'] };

/** Bytes of a program in one minified file, as a bundler makes it. */
async function bundleSize(code, options = {}) {
  const result = await build({
    stdin: { contents: code, resolveDir: sidesFolder },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    outdir: 'out',
    logLevel: 'error',
    mainFields: ['module', 'main'],
    // Native libraries are counted as files.
    loader: { '.node': 'empty' },
    ...options,
  });
  return result.outputFiles.reduce((sum, { contents }) => sum + contents.length, 0);
}

const sizeOf = (...path) => statSync(join(...path)).size;

function folderSize(...path) {
  return readdirSync(join(...path)).reduce((sum, name) => sum + sizeOf(...path, name), 0);
}

const ourCode = `
  import { onnxBackend } from '@tweedie/backend-onnx';
  import { createSide } from './tweedie-side.mjs';
  globalThis.side = createSide(onnxBackend(), {});`;
const tfjsCode = (backend) => `
  import '@tensorflow/tfjs-core/dist/register_all_gradients';
  import '@tensorflow/tfjs-backend-${backend}';
  import { createSide } from './tfjs-side.mjs';
  globalThis.side = createSide('${backend}', {});`;

const wasmFile = (name) =>
  sizeOf(packageFolder(import.meta.resolve('@tensorflow/tfjs-backend-wasm')), 'dist', name);

/** What each side needs on the user's machine beside Node, Chromium or Python. */
const ships = {
  async ours() {
    const { platform, arch } = process;
    const binaries = join(packageFolder(import.meta.resolve('onnxruntime-node')), 'bin');
    const [version] = readdirSync(binaries).filter((name) => name.startsWith('napi'));
    return {
      script: await bundleSize(ourCode, {
        platform: 'node',
        external: ['onnxruntime-web', 'onnxruntime-web/*', '@tensorflow/tfjs-backend-webgpu'],
      }),
      native: folderSize(binaries, version, platform, arch),
      what: 'our packages, tfjs-core, its cpu backend, onnxruntime-node',
    };
  },
  pytorch: () => pythonPackages('torch'),
  'pytorch-compile': async () => {
    const size = await pythonPackages('torch');
    return { ...size, what: `${size.what}; a C++ compiler is not counted` };
  },
  jax: () => pythonPackages('jax'),
  'jax-js': async () => ({
    script: await bundleSize("export * from './jax-side.mjs'"),
    what: 'jax-js, which makes its wasm as it runs',
  }),
  'tfjs-wasm': async () => ({
    script: await bundleSize(tfjsCode('wasm'), { platform: 'node' }),
    native: wasmFile('tfjs-backend-wasm-simd.wasm'),
    what: 'tfjs-core, its wasm and cpu backends',
  }),
  'tfjs-cpu': async () => ({
    script: await bundleSize(tfjsCode('cpu'), { platform: 'node' }),
    what: 'tfjs-core, its cpu backend',
  }),
  async 'browser-ours'() {
    const dist = join(packageFolder(import.meta.resolve('onnxruntime-web')), 'dist');
    const loader = sizeOf(dist, 'ort-wasm-simd-threaded.mjs');
    return {
      script: loader + (await bundleSize(ourCode, forBrowsers)),
      native: sizeOf(dist, 'ort-wasm-simd-threaded.wasm'),
      what: 'our packages, tfjs-core, its cpu backend, onnxruntime-web',
    };
  },
  'browser-jax-js': async () => ({
    script: await bundleSize("export * from './jax-side.mjs'", forBrowsers),
    what: 'jax-js, which makes its wasm as it runs',
  }),
  'browser-tfjs': async () => ({
    script: await bundleSize(tfjsCode('wasm'), forBrowsers),
    native: wasmFile('tfjs-backend-wasm-threaded-simd.wasm'),
    what: 'tfjs-core, its wasm and cpu backends',
  }),
};

async function pythonPackages(name) {
  const { command } = await findPython(name);
  const script = join(sidesFolder, 'packages_size.py');
  const { stdout } = await promisify(execFile)(command, [script, name]);
  const { script: scripts, native, packages } = JSON.parse(stdout);
  return { script: scripts, native, what: `${packages.join(', ')}; without what is for GPUs` };
}

/**
 * Bytes of scripts and of wasm or native libraries that each side needs which took part.
 *
 * @returns a {label, script, native, what} each
 */
export async function measureShipped(results) {
  const measured = new Map(
    results.flatMap(({ sides }) =>
      sides.filter(({ median }) => median !== undefined).map(({ id, label }) => [id, label]),
    ),
  );
  const known = [...measured].filter(([id]) => ships[id] !== undefined);
  const rows = [];
  for (const [id, label] of known) rows.push({ label, ...(await ships[id]()) });
  return rows;
}
