import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles tfjs.mjs into `folder`. @returns the script, and the folder of tfjs's wasm files */
export async function bundleTfjs(folder) {
  const script = join(folder, 'tfjs.cjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./tfjs.mjs', import.meta.url))],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    logLevel: 'error',
  });
  const wasm = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  return { script, wasmFolder: dirname(wasm) };
}
