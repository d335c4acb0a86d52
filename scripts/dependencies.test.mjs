import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dependencyPage, dependencyProblems, listDependencies } from './dependencies.mjs';

const root = resolve(import.meta.dirname, '..');
const lock = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
const plain = {
  name: 'left-pad',
  version: '1.0.0',
  licence: 'MIT',
  scripts: [],
  bytes: 1000,
  neededBy: ['core'],
  peer: false,
};
const problemsOf = (change, text = lock) => dependencyProblems([{ ...plain, ...change }], text);

describe('dependencies', () => {
  const dependencies = listDependencies(root);

  it('are those of the published packages and what they need in turn', () => {
    const byName = new Map(dependencies.map((one) => [one.name, one]));
    expect(byName.get('@tensorflow/tfjs-core')).toMatchObject({
      licence: 'Apache-2.0',
      peer: false,
    });
    expect(byName.get('node-fetch')?.neededBy).toEqual(['@tensorflow/tfjs-core']);
    expect(byName.get('onnxruntime-node')?.scripts).toEqual(['postinstall']);
    expect(byName.get('vitest')?.peer).toBe(true);
    expect(byName.has('typescript')).toBe(false);
    expect(dependencies.some(({ name }) => name.startsWith('@tweedie/'))).toBe(false);
    expect(dependencies.every(({ bytes }) => bytes > 0)).toBe(true);
  });

  it('were all looked at, and are on the page', () => {
    expect(dependencyProblems(dependencies, lock)).toEqual([]);
    expect(readFileSync(join(root, 'docs/dependencies.md'), 'utf8')).toBe(
      dependencyPage(dependencies),
    );
  });
});

describe('refused is', () => {
  it.each([
    'GPL-3.0-only',
    'LGPL-2.1',
    'AGPL-3.0',
    'MPL-2.0',
    'none given',
    'MIT AND GPL-2.0',
    'SEE LICENSE IN LICENSE',
  ])('the licence %s', (licence) => {
    expect(problemsOf({ licence })).toEqual([expect.stringContaining(`the licence '${licence}'`)]);
  });

  it('another licence than was looked at', () => {
    expect(problemsOf({ name: '@resvg/resvg-wasm', licence: 'MPL-2.0' })).toEqual([]);
    expect(problemsOf({ name: '@resvg/resvg-wasm', licence: 'GPL-3.0-only' })).toHaveLength(1);
    expect(problemsOf({ licence: '(MIT OR GPL-3.0-only)' })).toEqual([]);
  });

  it('a new script on installing', () => {
    expect(problemsOf({ scripts: ['postinstall'] })).toEqual([
      expect.stringContaining('left-pad 1.0.0 runs scripts on installing (postinstall)'),
    ]);
  });

  it('a second @tensorflow/tfjs-core', () => {
    expect(problemsOf({}, `${lock}\n  '@tensorflow/tfjs-core@4.21.0':\n`)).toEqual([
      expect.stringContaining('2 versions of @tensorflow/tfjs-core'),
    ]);
  });

  it('a package that is not from the registry, or has no hash', () => {
    for (const resolution of [
      '{tarball: https://example.com/left-pad.tgz}',
      '{commit: 0a1b, repo: https://example.com/left-pad.git, type: git}',
      '{integrity: sha1-abc=}',
    ]) {
      expect(problemsOf({}, `${lock}\n    resolution: ${resolution}\n`)).toEqual([
        expect.stringContaining('from elsewhere than the registry'),
      ]);
    }
  });
});
