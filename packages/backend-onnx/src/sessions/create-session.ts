import { TweedieError } from '@tweedie/core';
import type { InferenceSession } from 'onnxruntime-node';
import type { Runtime } from './runtime.js';
import type { Session } from './session.js';
import { type SessionSettings, sessionOptions } from './settings.js';
import { createWebSession } from './web-session.js';
import type { SessionWorker } from './worker-session.js';

/**
 * @param provider what computes, where the device alone does not say it
 * @throws TweedieError MISSING_BACKEND when the runtime does not start
 */
export function createSession(
  runtime: Runtime,
  model: Uint8Array,
  settings: SessionSettings,
  provider: InferenceSession.ExecutionProviderConfig = settings.device,
): Promise<Session> {
  const create = () => runtime.InferenceSession.create(model, sessionOptions(settings, provider));
  return settings.device === 'cpu' ? create() : createWebSession(runtime, create, settings);
}

/** Which sessions are held by the worker thread: those of long runs, all, or none. */
export interface WorkerSettings extends SessionSettings {
  readonly worker?: 'auto' | 'always' | 'never';
  readonly sessionWorker?: SessionWorker | undefined;
}

/**
 * A run that blocks the caller's thread for less than about 20 ms disturbs no one, and going to
 * another thread, a tenth of a millisecond and the copy of the arguments, would be noticeable there.
 */
const SHORT_WORK = 4e8;

/**
 * A session in the calling thread, or in the worker where its runs are long.
 *
 * @param work of a run, in multiply-adds
 * @throws TweedieError MISSING_BACKEND when the runtime or the worker does not start
 */
export async function createSessionFor(
  work: number,
  runtime: Runtime,
  model: Uint8Array,
  settings: WorkerSettings,
): Promise<Session> {
  const { sessionWorker, worker, threads } = settings;
  const isShort = worker === 'auto' && work < SHORT_WORK * threads;
  if (sessionWorker === undefined || worker === 'never' || isShort) {
    return createSession(runtime, model, settings);
  }
  try {
    return await sessionWorker.createSession(runtime, model, sessionOptions(settings));
  } catch (error) {
    const mayDoWithout =
      worker === 'auto' && TweedieError.isInstance(error) && error.code === 'MISSING_BACKEND';
    if (mayDoWithout) return createSession(runtime, model, settings);
    throw error;
  }
}
