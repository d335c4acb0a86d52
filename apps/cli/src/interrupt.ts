import { constants } from 'node:os';

/** Signals that ask a process to end: Ctrl-C, `kill` and batch systems, and a terminal that was closed. */
const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type EndSignal = (typeof names)[number];

/** Why an AbortSignal was aborted. */
class Interruption extends Error {
  constructor(readonly signal: EndSignal) {
    super(`${signal} was received`);
  }
}

/** What shells give a process that a signal ended: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP. */
function codeOf(signal: EndSignal): number {
  return 128 + constants.signals[signal];
}

/** The exit code for work that was aborted. @param reason of the AbortSignal */
export function interruptedCode(reason: unknown): number {
  return codeOf(reason instanceof Interruption ? reason.signal : 'SIGINT');
}

/**
 * The same signal within so many milliseconds is one event: a terminal tells Ctrl-C to all of its
 * processes, and npm tells it on to its children.
 */
const oneEvent = 500;

/**
 * An AbortSignal that Ctrl-C, SIGTERM or SIGHUP abort. The first of them asks the work to finish its step.
 * Another one ends the process at once, unless it comes with the first or is SIGHUP: a terminal that closes
 * may send several, and who closes one does not ask for haste.
 */
export function interruptible(onFirst: () => void): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const controller = new AbortController();
  let firstAt = 0;
  const handle = (name: EndSignal) => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      firstAt = now;
      controller.abort(new Interruption(name));
      onFirst();
    } else if (name !== 'SIGHUP' && now - firstAt > oneEvent) {
      process.exit(codeOf(name));
    }
  };
  for (const name of names) process.on(name, handle);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of names) process.off(name, handle);
    },
  };
}
