import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles a page's script into `folder`. @returns the script */
export async function bundlePage(name, folder) {
  const script = join(folder, name.replace('.mjs', '.js'));
  await build({
    entryPoints: [fileURLToPath(new URL(`./${name}`, import.meta.url))],
    outfile: script,
    bundle: true,
    platform: 'browser',
    format: 'esm',
    mainFields: ['module', 'browser', 'main'],
    logLevel: 'error',
  });
  return script;
}
