import { describe, expect, it } from 'vitest';
import { nearestName, TweedieError, throwIfAborted } from './errors.js';

describe('TweedieError', () => {
  it('says what was given, what is allowed and what to do', () => {
    const cause = new Error('inner');
    const error = new TweedieError({
      code: 'INVALID_OPTION',
      package: 'samplers',
      given: 'steps is 0',
      allowed: 'an integer of at least 1',
      fix: 'pass --steps 50',
      cause,
    });
    expect(error.message).toBe(
      '[samplers] steps is 0. Allowed: an integer of at least 1. Fix: pass --steps 50.',
    );
    expect(error).toMatchObject({
      name: 'TweedieError',
      code: 'INVALID_OPTION',
      package: 'samplers',
      cause,
    });
    expect(error).toBeInstanceOf(Error);
  });

  it('is cut where a value is longer than people read, and tells a terminal nothing', () => {
    const made = (given: string) =>
      new TweedieError({ code: 'IO', package: 'data', given }).message;
    expect(made('x'.repeat(1e6))).toBe(`[data] ${'x'.repeat(2000)}… (1000000 characters).`);
    expect(made("there is no 'a\u001b[2J\u0007b'")).toBe(
      "[data] there is no 'a\\u001b[2J\\u0007b'.",
    );
    expect(made('two\nlines')).toBe('[data] two\nlines.');
  });

  it('leaves out what there is not', () => {
    const error = new TweedieError({ code: 'IO', package: 'data', given: 'the disk is full' });
    expect(error.message).toBe('[data] the disk is full.');
    expect('cause' in error).toBe(false);
  });

  it('is known also when another copy of the package made it', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('tweedie.error')]: true });
    expect(TweedieError.isInstance(foreign)).toBe(true);
    expect(
      TweedieError.isInstance(new TweedieError({ code: 'IO', package: 'data', given: 'x' })),
    ).toBe(true);
    for (const other of [new Error('x'), null, undefined, 'x', {}]) {
      expect(TweedieError.isInstance(other)).toBe(false);
    }
  });
});

describe('throwIfAborted', () => {
  it('throws the reason of an aborted signal only', () => {
    throwIfAborted(undefined, 'training');
    throwIfAborted(new AbortController().signal, 'training');
    const reason = new Error('enough');
    const run = () => throwIfAborted(AbortSignal.abort(reason), 'training');
    expect(run).toThrow(/\[training\] the work was aborted/);
    expect(run).toThrow(expect.objectContaining({ code: 'ABORTED', cause: reason }));
  });
});

it('asks whether a name that is near was meant', () => {
  const error = new TweedieError({
    code: 'UNKNOWN_NAME',
    package: 'core',
    given: "there is no sampler 'ddmi'",
    allowed: 'ddim, ddpm',
    suggestion: 'ddim',
  });
  expect(error.message).toBe(
    "[core] there is no sampler 'ddmi'. Allowed: ddim, ddpm. Did you mean 'ddim'?",
  );
});

describe('nearestName', () => {
  const names = ['ddpm', 'ddim', 'heun', 'euler-ancestral', 'vp'];
  it.each([
    ['ddmp', 'ddpm'],
    ['DDIM', 'ddim'],
    ['huen', 'heun'],
    ['euler-ancestrl', 'euler-ancestral'],
    ['eulerancestral', 'euler-ancestral'],
    ['ve', 'vp'],
  ])('%s is near %s', (given, expected) => {
    expect(nearestName(given, names)).toBe(expected);
  });

  it.each(['x', 'abc', 'karras', 'something else', ''])('%j is near none', (given) => {
    expect(nearestName(given, names)).toBeUndefined();
  });

  it('takes the first of equally near names', () => {
    expect(nearestName('ddxm', names)).toBe('ddpm');
    expect(nearestName('ddim', [])).toBeUndefined();
  });
});
