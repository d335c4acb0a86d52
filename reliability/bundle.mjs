import { randomBytes } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * Makes one file of a program and the sources of the workspace that it imports, so that a process
 * starts fast and needs no build of the packages. The file stands in `dist`, a folder deep as those
 * of the packages, because the command line reads the version in `../package.json`.
 *
 * @param {string} entry path of the program, from the root of the workspace
 * @param {string} name of the file, without its ending
 * @returns {Promise<string>} its path
 */
export async function bundleProgram(entry, name) {
  const root = resolve(import.meta.dirname, '..');
  const folder = join(import.meta.dirname, 'dist');
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@tweedie/source', 'node', 'import'],
    // tfjs says that its kernels have no side effects; registering them is one.
    ignoreAnnotations: true,
    external: ['esbuild', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'],
    plugins: [asInstalled],
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
    logLevel: 'error',
  });
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.mjs`);
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(temporary, outputFiles[0].contents);
  // Another test may be reading the file.
  await rename(temporary, path);
  return path;
}

/** Packages with files of their own beside their code are imported from where they are, as this file. */
const asInstalled = {
  name: 'as-installed',
  setup(build) {
    build.onResolve(
      { filter: /^(onnxruntime-(node|web)|@resvg\/resvg-wasm|jiti)(\/|$)|\/bundle\.mjs$/ },
      async ({ path, pluginData, ...from }) => {
        if (pluginData === asInstalled) return undefined;
        const found = await build.resolve(path, { ...from, pluginData: asInstalled });
        if (found.errors.length > 0) return { path, external: true };
        return { path: pathToFileURL(found.path).href, external: true };
      },
    );
  },
};
