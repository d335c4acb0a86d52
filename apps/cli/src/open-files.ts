import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** Files that are open at once while modules are loaded, with room to spare. */
const enough = 40;

/** What to do where `hasFewFiles`. */
export const needsFiles = 'let it open more files: ulimit -n 256';

/**
 * Whether this process may not open many more files. Node's own messages seldom say so: modules that it has
 * no room to open are 'not found'.
 */
export function hasFewFiles(): boolean {
  const files: number[] = [];
  try {
    while (files.length < enough) files.push(openSync(devNull, 'r'));
    return false;
  } catch {
    return true;
  } finally {
    for (const file of files) closeSync(file);
  }
}
