import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cachedPass, cacheFolder, type Facts } from './cached-pass.js';

const facts: Facts = { processor: 'a processor', blockSize: 16, runtime: '1.30.0' };
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tweedie-remembered-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** How often the test runs when it is asked once more. */
async function runs(given: Facts, passes = true, where: string | null = folder): Promise<number> {
  const test = vi.fn(async () => passes);
  expect(await cachedPass('blocked', given, test, where)).toBe(passes);
  return test.mock.calls.length;
}

describe('cachedPass', () => {
  it('tests once under the same facts, and again under others', async () => {
    expect(await runs(facts)).toBe(1);
    expect(await runs(facts)).toBe(0);
    expect(await runs({ ...facts, runtime: '1.31.0' })).toBe(1);
    expect(await runs({ ...facts, processor: 'another' })).toBe(1);
    expect(await runs(facts)).toBe(0);
  });

  it('does not remember a failure', async () => {
    expect(await runs(facts, false)).toBe(1);
    expect(await runs(facts, false)).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['', '{', 'null', '{"passed":"blocked","facts":{}}'])(
    'tests again when the note holds %j, and mends it',
    async (content) => {
      await runs(facts);
      const [name] = readdirSync(folder);
      const path = join(folder, name!);
      const note = readFileSync(path, 'utf8');
      writeFileSync(path, content);
      expect(await runs(facts)).toBe(1);
      expect(readFileSync(path, 'utf8')).toBe(note);
      expect(await runs(facts)).toBe(0);
    },
  );

  it('makes the folder, and leaves nothing but the note', async () => {
    const inner = join(folder, 'a', 'b');
    const tests = Array.from({ length: 8 }, () => runs(facts, true, inner));
    expect(await Promise.all(tests)).toEqual(Array(8).fill(1));
    expect(readdirSync(inner)).toHaveLength(1);
    expect(await runs(facts, true, inner)).toBe(0);
  });

  it('only tests where the folder cannot be made or written', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await runs(facts, true, file)).toBe(1);
    expect(await runs(facts, true, join(file, 'inner'))).toBe(1);
    // Root may write whatever the mode says.
    if (process.getuid?.() !== 0) {
      chmodSync(folder, 0o500);
      expect(await runs(facts)).toBe(1);
      expect(await runs(facts)).toBe(1);
      chmodSync(folder, 0o700);
    }
  });

  it('only tests where nothing is to be kept', async () => {
    expect(await runs(facts, true, null)).toBe(1);
    expect(await runs(facts, true, null)).toBe(1);
  });
});

describe('cacheFolder', () => {
  it('is the one asked for, the one of the desktop, or one in the home folder', () => {
    expect(cacheFolder({ TWEEDIE_CACHE: '/own', XDG_CACHE_HOME: '/xdg' })).toBe('/own');
    expect(cacheFolder({ XDG_CACHE_HOME: '/xdg' })).toBe(join('/xdg', 'tweedie'));
    expect(cacheFolder({ TWEEDIE_CACHE: '', XDG_CACHE_HOME: '' })).toMatch(/\.cache.tweedie$/);
  });

  it("is none where TWEEDIE_CACHE is 'off'", () => {
    expect(cacheFolder({ TWEEDIE_CACHE: 'off', XDG_CACHE_HOME: '/xdg' })).toBeNull();
  });
});
