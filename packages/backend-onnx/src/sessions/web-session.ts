import { TweedieError } from '@tweedie/core';
import type { InferenceSession } from 'onnxruntime-node';
import type { DeviceName } from './devices.js';
import type { Runtime } from './runtime.js';
import type { Session } from './session.js';
import type { SessionSettings } from './settings.js';

/** How many threads each WebAssembly runtime was started with; it cannot be changed after. */
const started = new Map<DeviceName, number>();

/** The threads that the device's runtime has in this page or process, undefined before it starts. */
export function startedThreads(device: DeviceName): number | undefined {
  return started.get(device);
}

/** What is under way in each runtime. */
const queues = new Map<DeviceName, Promise<unknown>>();

/**
 * One task after another: the runtime keeps what belongs to a call on one stack and awaits in
 * between, so calls that overlap would destroy one another.
 */
function enqueue<T>(device: DeviceName, task: () => Promise<T>): Promise<T> {
  const result = (queues.get(device) ?? Promise.resolve()).then(task);
  queues.set(
    device,
    result.catch(() => {}),
  );
  return result;
}

/**
 * A session of onnxruntime-web.
 *
 * @throws TweedieError MISSING_BACKEND when its WebAssembly does not start; UNSUPPORTED when it
 * runs with another number of threads than this session is to have
 */
export async function createWebSession(
  { env }: Runtime,
  create: () => Promise<InferenceSession>,
  { device, threads, wasmPaths }: SessionSettings,
): Promise<Session> {
  const running = started.get(device);
  if (running !== undefined && running !== threads) {
    throw new TweedieError({
      code: 'UNSUPPORTED',
      package: 'backend-onnx',
      given: `the WebAssembly runtime was started with ${running} threads, and ${threads} are asked for`,
      fix: 'give every backend of this page the same `threads`; the first one that runs decides',
    });
  }
  if (running === undefined) {
    env.wasm.numThreads = threads;
    if (wasmPaths != null) env.wasm.wasmPaths = wasmPaths;
    started.set(device, threads);
  }
  const session = await enqueue(device, create).catch((cause: unknown) => {
    throw explain(cause);
  });
  return {
    inputNames: session.inputNames,
    run: (feeds, fetches) =>
      enqueue(device, () =>
        fetches === undefined ? session.run(feeds) : session.run(feeds, fetches),
      ),
    release: () => enqueue(device, () => session.release()),
  };
}

/** A runtime that does not start says so in one way; what it says of a graph comes through. */
function explain(cause: unknown): unknown {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (!message.includes('no available backend found')) return cause;
  return new TweedieError({
    code: 'MISSING_BACKEND',
    package: 'backend-onnx',
    given: `onnxruntime-web does not start (${message})`,
    fix: "serve the files ort-wasm-*.mjs and ort-wasm-*.wasm of onnxruntime-web's dist folder and pass where they are as `wasmPaths`",
    cause,
  });
}
