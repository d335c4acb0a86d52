import { loadRuntime } from '../sessions/runtime.js';
import { cachedPass, digestOf } from './cached-pass.js';
import { probeBlockSize } from './probe.js';
import { nchwcAgrees } from './self-test.js';

/** Asked once in a process: neither the processor nor the runtime changes. */
let probed: Promise<number> | undefined;
let tested: Promise<boolean> | undefined;

/** The block size that the runtime has on this processor, 0 for none. Takes a millisecond, once. */
export function blockSize(): Promise<number> {
  probed ??= probeBlockSize();
  return probed;
}

/**
 * Whether the blocked operations pass their self-test. It takes a few hundred milliseconds, once on
 * a machine: the pass is noted in the user's cache folder, with what it depends on.
 */
export function nchwcIsRight(): Promise<boolean> {
  tested ??= blockSize().then((size) => size > 0 && passes(size));
  return tested;
}

async function passes(blockSize: number): Promise<boolean> {
  const test = () => nchwcAgrees(blockSize);
  const code = await codeInUse();
  if (code === undefined) return test();
  const { arch, cpus, platform } = process.getBuiltinModule('node:os');
  const { env } = await loadRuntime('cpu');
  const facts = {
    blockSize,
    code,
    processor: cpus()[0]?.model ?? 'unknown',
    runtime: env.versions.node ?? env.versions.common,
    system: `${platform()} ${arch()}`,
  };
  return cachedPass('blocked-convolutions', facts, test);
}

/**
 * A digest of the file that this code is in, which holds the lowerings too once the package is
 * built. In sources they lie in files of their own and change from one run to the next.
 */
async function codeInUse(): Promise<string | undefined> {
  // A bundle that is no module has no address.
  const address: string | undefined = import.meta.url;
  if (address === undefined || address.endsWith('.ts')) return undefined;
  const { readFile } = process.getBuiltinModule('node:fs').promises;
  return readFile(new URL(address)).then(digestOf, () => undefined);
}
