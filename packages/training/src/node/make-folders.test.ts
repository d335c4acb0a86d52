import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolders } from './make-folders.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tweedie-folders-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('makeFolders', () => {
  it('makes what is missing and names the topmost that it made', async () => {
    expect(await makeFolders(join(folder, 'a/b/c'))).toBe(join(folder, 'a'));
    expect(existsSync(join(folder, 'a/b/c'))).toBe(true);
    expect(await makeFolders(join(folder, 'a/b'))).toBeUndefined();
    expect(await makeFolders(join(folder, 'a/d'))).toBe(join(folder, 'a/d'));
  });

  it('refuses a path through a file', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(makeFolders(join(folder, 'file'))).rejects.toThrow(/EEXIST|ENOTDIR/);
    await expect(makeFolders(join(folder, 'file/under'))).rejects.toThrow(/ENOTDIR/);
  });

  it.runIf(process.platform === 'linux')('ends where the system makes no folders', async () => {
    await expect(makeFolders('/proc/tweedie')).rejects.toThrow(/ENOENT/);
  });
});
