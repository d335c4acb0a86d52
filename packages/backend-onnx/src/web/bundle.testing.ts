import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

export interface Bundle {
  readonly text: string;
  /** What went into it. */
  readonly inputs: Metafile['inputs'];
}

/** A script of this folder as one file for browsers, from the sources of this workspace. */
export async function bundleForBrowsers(entry: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@tweedie/source'],
    logLevel: 'silent',
  });
  return { text: outputFiles[0]!.text, inputs: metafile.inputs };
}
