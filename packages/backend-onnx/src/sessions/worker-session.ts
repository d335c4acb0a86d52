import { TweedieError } from '@tweedie/core';
import type { InferenceSession } from 'onnxruntime-node';
import type { Runtime } from './runtime.js';
import type { RuntimeTensor, Session } from './session.js';
import { type Feed, startWorkerThread, type WorkerThread } from './worker-thread.js';

/** Holds the sessions of a backend in one thread beside the caller's, so that its events go on. */
export interface SessionWorker {
  /**
   * @param model taken over: it is empty afterwards
   * @throws TweedieError MISSING_BACKEND when no thread can be started, which leaves the model as it
   * was; Error what the runtime says of the model
   */
  createSession(
    runtime: Runtime,
    model: Uint8Array,
    options: InferenceSession.SessionOptions,
  ): Promise<Session>;
  /** Ends the thread when the runs that it has begun are done. A later session starts another. */
  end(): Promise<void>;
}

/** A worker that starts with its first session, and again when its thread has died. */
export function createSessionWorker(start = startWorkerThread): SessionWorker {
  let thread: WorkerThread | undefined;
  let sessions = 0;

  const running = (): WorkerThread => {
    if (thread === undefined || thread.hasEnded) thread = started(start);
    return thread;
  };

  return {
    async createSession(runtime, model, options) {
      const host = running();
      const session = sessions++;
      const inputNames = await host.call('create', { session, model, options }, [
        model.buffer as ArrayBuffer,
      ]);
      return remoteSession(runtime, host, session, inputNames);
    },
    async end() {
      const ending = thread;
      thread = undefined;
      await ending?.end();
    },
  };
}

function started(start: () => WorkerThread): WorkerThread {
  try {
    return start();
  } catch (cause) {
    throw new TweedieError({
      code: 'MISSING_BACKEND',
      package: 'backend-onnx',
      given: `no worker thread can be started (${cause instanceof Error ? cause.message : cause})`,
      allowed: 'a process that may start threads and finds onnxruntime-node',
      fix: "pass worker: 'auto' or 'never'",
      cause,
    });
  }
}

function remoteSession(
  runtime: Runtime,
  thread: WorkerThread,
  session: number,
  inputNames: readonly string[],
): Session {
  // One run after another, so that one buffer serves and waiting calls hold no copies. It holds no
  // result either.
  let last: Promise<void> = Promise.resolve();
  let feedBuffer: ArrayBuffer | undefined;

  const run = async (tensors: Readonly<Record<string, RuntimeTensor>>) => {
    const { feeds, bytes } = arrange(tensors);
    const filled = feedBuffer?.byteLength === bytes ? feedBuffer : new ArrayBuffer(bytes);
    feedBuffer = undefined;
    for (const { name, offset } of feeds) fill(filled, offset, tensors[name]!);
    const answer = await thread.call('run', { session, feedBuffer: filled, feeds }, [filled]);
    feedBuffer = answer.feedBuffer;
    return Object.fromEntries(
      answer.results.map(({ name, type, data, shape }) => [
        name,
        new runtime.Tensor(type as 'float32', data as Float32Array, shape),
      ]),
    );
  };

  return {
    inputNames,
    get isLost() {
      return thread.hasEnded;
    },
    run(tensors) {
      const result = last.then(() => run(tensors));
      last = result.then(
        () => {},
        () => {},
      );
      return result;
    },
    async release() {
      await last;
      feedBuffer = undefined;
      await thread.call('release', { session }).catch((error: unknown) => {
        // With its thread the session is gone too.
        if (!thread.hasEnded) throw error;
      });
    },
  };
}

/** Where each feed lies in the buffer; eight bytes suit every type. */
function arrange(tensors: Readonly<Record<string, RuntimeTensor>>): {
  feeds: readonly Feed[];
  bytes: number;
} {
  let bytes = 0;
  const feeds = Object.entries(tensors).map(([name, { type, dims, data }]): Feed => {
    const { byteLength, length } = data as Float32Array;
    const offset = bytes;
    bytes += Math.ceil(byteLength / 8) * 8;
    return { name, type: type as Feed['type'], shape: dims, offset, length };
  });
  return { feeds, bytes };
}

function fill(feedBuffer: ArrayBuffer, offset: number, { data }: RuntimeTensor): void {
  const { buffer, byteOffset, byteLength } = data as Float32Array;
  new Uint8Array(feedBuffer, offset, byteLength).set(
    new Uint8Array(buffer, byteOffset, byteLength),
  );
}
