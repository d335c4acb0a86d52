import { probeBlockSize } from './probe.js';
import { blockedAgrees } from './self-test.js';

/** Asked once in a process: neither the processor nor the runtime changes. */
let probed: Promise<number> | undefined;
let tested: Promise<boolean> | undefined;

/** The block size that the runtime has on this processor, 0 for none. Takes a millisecond, once. */
export function blockSize(): Promise<number> {
  probed ??= probeBlockSize();
  return probed;
}

/** Whether the blocked operations pass their self-test. Takes a few hundred milliseconds, once. */
export function blockedIsRight(): Promise<boolean> {
  tested ??= blockSize().then((size) => size > 0 && blockedAgrees(size));
  return tested;
}
