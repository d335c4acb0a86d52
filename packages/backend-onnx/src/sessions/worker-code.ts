/**
 * What the worker thread does, as a script: text needs no file beside the bundle, and no compiler
 * of sources can put into it what the thread does not have. It makes, runs and releases sessions on
 * request; an error goes back to its call, and the thread goes on.
 *
 * The elements of all feeds come in one buffer, which returns with the results, so that the caller
 * fills the same memory at each call. Results are transferred, not copied.
 *
 * Native code that returns into a thread under termination aborts the process. So the thread says in
 * shared memory while it is in native code, and does not enter it once the caller is closing.
 */
export const workerCode = `'use strict';
const { parentPort, workerData } = require('node:worker_threads');
const { InferenceSession, Tensor } = require(workerData.runtime);

const { busy, closing } = workerData.flags;
const flags = new Int32Array(workerData.shared);
const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
const sessions = new Map();
let pending = 0;

const tasks = {
  async create({ session, model, options }) {
    const created = await InferenceSession.create(model, options);
    sessions.set(session, created);
    return { value: created.inputNames, moved: [] };
  },

  async run({ session, feedBuffer, feeds }) {
    const given = Object.create(null);
    for (const { name, type, shape, offset, length } of feeds) {
      given[name] = new Tensor(type, new arrays[type](feedBuffer, offset, length), shape);
    }
    const made = await sessions.get(session).run(given);
    const results = Object.entries(made).map(([name, { type, data, dims }]) => ({ name, type, data, shape: dims }));
    return { value: { results, feedBuffer }, moved: [feedBuffer, ...results.map(({ data }) => data.buffer)] };
  },

  async release({ session }) {
    await sessions.get(session).release();
    sessions.delete(session);
    return { value: undefined, moved: [] };
  },
};

function idle() {
  Atomics.store(flags, busy, 0);
  Atomics.notify(flags, busy);
}

idle();
parentPort.on('message', async ({ call, task, request }) => {
  pending += 1;
  try {
    Atomics.store(flags, busy, 1);
    if (Atomics.load(flags, closing) === 1) throw new Error('the thread is being closed');
    const { value, moved } = await tasks[task](request);
    parentPort.postMessage({ call, value }, moved);
  } catch (error) {
    parentPort.postMessage({ call, failure: error instanceof Error ? error.message : String(error) });
  } finally {
    pending -= 1;
    if (pending === 0) idle();
  }
});
`;
