import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface WriterRequest {
  readonly do: 'open' | 'append' | 'save' | 'close';
  readonly path?: string;
  readonly step?: number;
  readonly keep?: number;
}

/** Empty when it went well. */
export interface WriterAnswer {
  readonly code?: string;
  readonly message?: string;
}

/** Another process that writes run folders. */
export interface Writer {
  readonly pid: number;
  /** One request at a time. */
  ask(request: WriterRequest): Promise<WriterAnswer>;
  signal(name: NodeJS.Signals): void;
  /** Ends it as `kill -9` does. It is gone when this is fulfilled. */
  kill(): Promise<void>;
}

const require = createRequire(import.meta.url);

/** Starts a process from the sources, without a build. @param env on top of this process's */
export async function startWriter(env: NodeJS.ProcessEnv = {}): Promise<Writer> {
  const jiti = join(dirname(require.resolve('jiti/package.json')), 'lib/jiti-cli.mjs');
  const core = join(dirname(require.resolve('@tweedie/core/package.json')), 'src/index.ts');
  const alias = JSON.stringify({ '@tweedie/core': core });
  const child: ChildProcess = fork(
    jiti,
    [join(import.meta.dirname, 'writer-process.testing.ts')],
    // Without what a test runner told this process of how to load modules.
    { execArgv: [], env: { ...process.env, NODE_OPTIONS: '', JITI_ALIAS: alias, ...env } },
  );
  const answer = async (): Promise<WriterAnswer> => {
    const ended = new AbortController();
    const { signal } = ended;
    try {
      return await Promise.race([
        once(child, 'message', { signal }).then(([message]) => message as WriterAnswer),
        once(child, 'exit', { signal }).then(() => ({ code: 'ENDED' })),
      ]);
    } finally {
      ended.abort();
    }
  };
  const { code, message } = await answer();
  if (code !== undefined) throw new Error(`a process did not start: ${message ?? code}`);
  return {
    pid: child.pid!,
    ask(request) {
      const answered = answer();
      child.send(request);
      return answered;
    },
    signal: (name) => child.kill(name),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
