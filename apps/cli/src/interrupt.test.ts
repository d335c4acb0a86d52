import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { reportFailure } from './failure.js';
import { interruptedCode, interruptible } from './interrupt.js';

let interrupt: ReturnType<typeof interruptible>;
const told = vi.fn();
const exit = vi.fn();
let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  exit.mockReset();
  vi.spyOn(process, 'exit').mockImplementation(exit as never);
  told.mockReset();
  interrupt = interruptible(told);
});
afterEach(() => {
  interrupt.release();
  vi.restoreAllMocks();
});
const receive = (name: NodeJS.Signals, at: number) => {
  now = at;
  process.emit(name, name);
};

describe('interruptible', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('asks the work to end at %s, whose code is %d', (name, code) => {
    receive(name, 10);
    expect(interrupt.signal.aborted).toBe(true);
    expect(interruptedCode(interrupt.signal.reason)).toBe(code);
    expect(told).toHaveBeenCalledTimes(1);
    expect(exit).not.toHaveBeenCalled();
  });

  it('takes what comes with the first for the same event, as npm tells Ctrl-C on', () => {
    receive('SIGINT', 10);
    receive('SIGINT', 40);
    receive('SIGTERM', 500);
    expect(exit).not.toHaveBeenCalled();
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('ends at once at a later one, with its code, but not at SIGHUP', () => {
    receive('SIGTERM', 10);
    receive('SIGHUP', 2000);
    expect(exit).not.toHaveBeenCalled();
    receive('SIGINT', 3000);
    expect(exit).toHaveBeenCalledWith(130);
  });

  it('gives the signals back', () => {
    const before = process.listenerCount('SIGHUP');
    interrupt.release();
    expect(process.listenerCount('SIGHUP')).toBe(before - 1);
  });
});

describe('reportFailure', () => {
  it('has an exit code for work that another program aborted', () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const aborted = new Error('aborted');
    expect(interruptedCode(aborted)).toBe(130);
    expect(reportFailure(aborted, false)).toBe(1);
  });

  it('says what to do where an array has no room, and blames nobody', () => {
    const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    let error: unknown;
    try {
      new ArrayBuffer(2 ** 52);
    } catch (cause) {
      error = cause;
    }
    expect(reportFailure(error, false)).toBe(1);
    expect(err.mock.calls.map(([text]) => text).join('')).toMatch(
      /^.*error.* Array buffer allocation failed\. Fix: ask for less at once: a smaller --batch or network\.\n$/,
    );
  });
});
