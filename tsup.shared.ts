import { existsSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

/**
 * The one build of this workspace: ESM with declarations, one file an entry. `src/index.ts` is the
 * public entry of a package, `src/node.ts`, where it exists, the part that needs Node.
 */
export function packageBuild(overrides: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: ['src/index.ts', 'src/node.ts'].filter((path) => existsSync(path)),
    format: ['esm'],
    target: 'es2022',
    platform: 'neutral',
    external: [/^node:/],
    dts: true,
    sourcemap: true,
    clean: true,
    treeshake: true,
    removeNodeProtocol: false,
    ...overrides,
  });
}
