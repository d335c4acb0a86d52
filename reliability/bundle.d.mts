/** See bundle.mjs. */
export function bundleProgram(entry: string, name: string): Promise<string>;
