import { TweedieError } from '@tweedie/core';
import type { InferenceSession } from 'onnxruntime-node';
import { turnOffTelemetry } from './telemetry.js';
import { workerCode } from './worker-code.js';

type Worker = import('node:worker_threads').Worker;

/** What the thread can be asked for; see `workerCode`. */
interface WorkerTasks {
  create: {
    request: { session: number; model: Uint8Array; options: InferenceSession.SessionOptions };
    value: readonly string[];
  };
  run: {
    request: { session: number; feedBuffer: ArrayBuffer; feeds: readonly Feed[] };
    value: { results: readonly Result[]; feedBuffer: ArrayBuffer };
  };
  release: { request: { session: number }; value: undefined };
}

/** One feed, and where in the buffer its elements are: an offset in bytes, a length in elements. */
export interface Feed {
  readonly name: string;
  readonly type: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

interface Result {
  readonly name: string;
  readonly type: 'float32' | 'int32' | 'bool';
  readonly data: Float32Array | Int32Array | Uint8Array;
  readonly shape: readonly number[];
}

/** A thread that answers calls in order. It keeps the process alive only while it has calls. */
export interface WorkerThread {
  /**
   * @param moved buffers that the thread takes over
   * @throws Error what went wrong in the thread, which lives on; TweedieError ABORTED when it has
   * ended, or ends before it answers
   */
  call<T extends keyof WorkerTasks>(
    task: T,
    request: WorkerTasks[T]['request'],
    moved?: readonly ArrayBuffer[],
  ): Promise<WorkerTasks[T]['value']>;
  readonly hasEnded: boolean;
  /** Takes no more calls, and ends the thread when those under way are done. */
  end(): Promise<void>;
}

/** Where in the shared memory each flag is. */
const flags = { busy: 0, closing: 1 };

/** In milliseconds; no run takes longer than this, and a process that ends must end. */
const LONGEST_RUN = 60_000;

interface Answer {
  readonly call: number;
  readonly value?: unknown;
  readonly failure?: string;
}

interface Pending {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/**
 * Starts a thread with onnxruntime-node in it.
 *
 * @throws what Node throws when the library is not found from here, or threads are not allowed
 */
export function startWorkerThread(): WorkerThread {
  // Not imported, so that a bundle for browsers can hold this package.
  const { createRequire } = process.getBuiltinModule('node:module');
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const runtime = createRequire(import.meta.url).resolve('onnxruntime-node');
  turnOffTelemetry();
  const shared = new Int32Array(new SharedArrayBuffer(8));
  // Loaders and inspectors of this process are of no use there.
  const worker: Worker = new Worker(workerCode, {
    eval: true,
    workerData: { runtime, flags, shared: shared.buffer },
    execArgv: [],
    name: 'onnxruntime',
  });
  // Until the library is loaded.
  Atomics.store(shared, flags.busy, 1);
  const pending = new Map<number, Pending>();
  /** Settles after every call so far, and holds no answer. */
  let last: Promise<void> = Promise.resolve();
  let calls = 0;
  let cause: unknown;
  let hasEnded = false;

  // At the end of the process nothing can be awaited, so this blocks until the native code returns.
  const closeAtExit = () => {
    Atomics.store(shared, flags.closing, 1);
    Atomics.wait(shared, flags.busy, 1, LONGEST_RUN);
  };
  process.on('exit', closeAtExit);

  worker.unref();
  worker.on('message', ({ call, value, failure }: Answer) => {
    const waiting = pending.get(call);
    pending.delete(call);
    if (pending.size === 0) worker.unref();
    if (failure === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(failure));
  });
  worker.on('error', (error) => {
    cause = error;
  });
  worker.on('exit', () => {
    hasEnded = true;
    process.off('exit', closeAtExit);
    for (const { reject } of pending.values()) reject(ended(cause));
    pending.clear();
  });

  return {
    call<T extends keyof WorkerTasks>(
      task: T,
      request: WorkerTasks[T]['request'],
      moved: readonly ArrayBuffer[] = [],
    ) {
      if (hasEnded) return Promise.reject(ended(cause));
      const call = calls++;
      worker.postMessage({ call, task, request }, [...moved]);
      worker.ref();
      const answer = new Promise<WorkerTasks[T]['value']>((resolve, reject) => {
        pending.set(call, { resolve: resolve as Pending['resolve'], reject });
      });
      last = Promise.allSettled([last, answer]).then(() => {});
      return answer;
    },
    get hasEnded() {
      return hasEnded;
    },
    async end() {
      hasEnded = true;
      await last;
      await worker.terminate();
    },
  };
}

const ended = (cause: unknown) =>
  new TweedieError({
    code: 'ABORTED',
    package: 'backend-onnx',
    given: `the worker thread that runs compiled functions has ended${cause instanceof Error ? ` (${cause.message})` : ''}`,
    fix: "call again, which starts another; where it ends again, pass worker: 'never' to run in the calling thread",
    cause,
  });
