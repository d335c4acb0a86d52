import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { chooseFigures, type FiguresFlags, figuresCommand } from './figures.js';

let folder: string;
let printed = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tweedie-figures-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

/** As the command line calls it, with next to no training. */
async function draw(out: string, flags: Partial<FiguresFlags> = {}): Promise<number> {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  return figuresCommand({
    out: join(folder, out),
    seed: 3,
    effort: 0.002,
    backend: 'onnx',
    ...flags,
  });
}

describe('tweedie figures', () => {
  it('writes figures as SVG and PNG, and nothing else, and prints their paths', async () => {
    expect(await draw('some/of/them', { only: '4,1' })).toBe(0);
    const files = readdirSync(join(folder, 'some/of/them'));
    expect(files).toEqual([
      'figure-1-score-and-langevin.png',
      'figure-1-score-and-langevin.svg',
      'figure-4-forward-and-reverse.png',
      'figure-4-forward-and-reverse.svg',
    ]);
    const paths = files.map((name) => join(folder, 'some/of/them', name));
    expect(printed.trim().split('\n').sort()).toEqual(paths);
    for (const path of paths) {
      if (path.endsWith('.svg')) {
        expect(readFileSync(path, 'utf8')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
      } else {
        expect(decode(readFileSync(path)).width).toBe(2400);
      }
    }
  });

  it('prints what the figures show as JSON', async () => {
    expect(await draw('json', { only: '1', json: true })).toBe(0);
    const { figures, seed } = JSON.parse(printed);
    expect(seed).toBe(3);
    expect(figures).toHaveLength(1);
    expect(figures[0].numbers.sigma).toBeGreaterThan(0);
    expect(readFileSync(figures[0].svg, 'utf8')).toContain('</svg>');
  });

  it('refuses a file for a folder, a folder that cannot be made, and what is no run', async () => {
    writeFileSync(join(folder, 'file'), 'mine');
    await expect(draw('file')).rejects.toThrow(/file' cannot be written to \(EEXIST/);
    await expect(draw('file/below')).rejects.toThrow(/below' cannot be written to/);
    await expect(draw('x', { out: '/proc/tweedie/figures' })).rejects.toThrow(/cannot be written/);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('mine');
    await expect(draw('y', { only: '4', run: join(folder, 'none') })).rejects.toThrow(/none/);
    expect(readdirSync(join(folder, 'y'))).toEqual([]);
  });

  it('stops when it is interrupted, and leaves nothing half-written', async () => {
    const before = process.listenerCount('SIGINT');
    const drawing = draw('stopped', { only: '5', effort: 1 });
    // The command listens from when its backend is open.
    await vi.waitUntil(() => process.listenerCount('SIGINT') > before, { timeout: 60_000 });
    process.emit('SIGINT');
    await expect(drawing).rejects.toThrow(expect.objectContaining({ code: 'ABORTED' }));
    expect(readdirSync(join(folder, 'stopped'))).toEqual([]);
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

describe('chooseFigures', () => {
  it('takes all, or those of a list, and names a wrong one', () => {
    const numbers = (only?: string) => chooseFigures(only).map(({ number }) => number);
    expect(numbers()).toEqual([1, 2, 3, 4, 5]);
    expect(numbers('3, 1')).toEqual([1, 3]);
    expect(() => numbers('6')).toThrow(/--only names '6'.*1, 2, 3, 4, 5/);
    expect(() => numbers('')).toThrow(/--only names ''/);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});
