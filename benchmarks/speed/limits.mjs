import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * The most that this machine does with so many threads, in the fastest operations that are known.
 *
 * @returns {rates, multiplyAdds, bandwidth}: billions of multiply-adds a second by operation, the best
 * of them, and gigabytes a second to and from memory
 */
export async function limits(threads) {
  const script = fileURLToPath(new URL('./sides/limits.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, String(threads)]);
  // tfjs prints a greeting to stdout.
  const { rates, bandwidth } = JSON.parse(stdout.trim().split('\n').at(-1));
  return withBest(rates, bandwidth);
}

/** The higher of two measurements, since other load may have disturbed one. */
export function highest(a, b) {
  const rates = Object.entries(a.rates).map(([name, rate]) => [
    name,
    Math.max(rate, b.rates[name]),
  ]);
  return withBest(Object.fromEntries(rates), Math.max(a.bandwidth, b.bandwidth));
}

function withBest(rates, bandwidth) {
  return { rates, multiplyAdds: Math.max(...Object.values(rates)), bandwidth };
}
