import { afterEach, describe, expect, it, vi } from 'vitest';
import { runCommandLine } from './command-line.js';
import { exitCodes } from './failure.js';

afterEach(() => {
  vi.restoreAllMocks();
});

async function run(...args: string[]): Promise<{ code: number; out: string }> {
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((_text, ...rest) => {
    const done = rest.at(-1);
    if (typeof done === 'function') (done as () => void)();
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const code = await runCommandLine(['node', 'tweedie', ...args]);
  return { code, out: out.mock.calls.map(([text]) => String(text)).join('') };
}

describe('arguments that are no command line', () => {
  it.each([
    [['list', '--nope'], /unknown option '--nope'/],
    [['train'], /missing required argument 'recipe'/],
    [['sample', 'run', '--steps', 'few'], /'few' is invalid.*whole number/],
  ])('%j end in code 2, and under --json in one error as data', async (args, message) => {
    expect(await run(...args)).toEqual({ code: exitCodes.usage, out: '' });
    const { code, out } = await run(...args, '--json');
    expect(code).toBe(exitCodes.usage);
    const { error } = JSON.parse(out);
    expect(error.code).toBe('USAGE');
    expect(error.message).toMatch(message);
  });
});
