import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Milliseconds within which a side must answer a request. */
const TIMEOUT = 10 * 60_000;

/**
 * Starts a side's program and asks it one request at a time, in the protocol of sides/serve.mjs.
 *
 * @returns {pid, ask, end}; `ask` throws the error that the side answers, or the end of its stderr
 * when it dies
 */
export function startSide({ command, args, environment = {} }) {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errorOutput = '';
  child.stderr.on('data', (chunk) => {
    errorOutput = (errorOutput + chunk).slice(-2000);
  });
  let waiting;
  /** Answers the waiting request: 'resolve' with a reply, 'reject' with an error. */
  const answer = (how, value) => {
    const request = waiting;
    waiting = undefined;
    request?.[how](value);
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Libraries may print a greeting to stdout; replies are JSON objects.
    if (!line.startsWith('{')) return;
    const reply = JSON.parse(line);
    if (reply.error === undefined) answer('resolve', reply);
    else answer('reject', new Error(reply.error));
  });
  const ended = new Promise((resolve) => {
    const gone = (why) => {
      answer('reject', new Error(`${command} ${args.join(' ')} ended: ${why}\n${errorOutput}`));
      resolve();
    };
    child.on('error', (error) => gone(error.message));
    child.on('close', (code, signal) => gone(signal ?? `code ${code}`));
  });
  child.stdin.on('error', () => {});

  return {
    pid: child.pid,
    ask(request) {
      if (waiting !== undefined) throw new Error('one request at a time');
      const timeout = setTimeout(() => child.kill('SIGKILL'), TIMEOUT);
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        child.stdin.write(`${JSON.stringify(request)}\n`);
      }).finally(() => clearTimeout(timeout));
    },
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}
