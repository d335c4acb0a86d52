import { createRng, floats, TweedieError } from '@tweedie/core';
import { openRunFolder, type RunFolder } from './run-folder.js';
import type { WriterAnswer, WriterRequest } from './writer.testing.js';

/** A process that writes a run folder as it is asked to by messages, for tests of several at once. */
const config = { name: 'test' };
let folder: RunFolder | undefined;

const actions: Record<WriterRequest['do'], (request: WriterRequest) => Promise<void>> = {
  async open({ path = '', keep }) {
    folder = await openRunFolder(path, config, { resume: true, keep });
  },
  append: ({ step = 0 }) => folder!.appendMetrics({ step, pid: process.pid }),
  async save({ step = 0 }) {
    const params = { w: floats([step]) };
    const rng = createRng(1).state();
    await folder!.saveCheckpoint({ step, rng, config, params, ema: params, slots: {} });
  },
  async close() {
    await folder!.close();
    folder = undefined;
  },
};

process.on('message', async (request: WriterRequest) => {
  let answer: WriterAnswer = {};
  try {
    await actions[request.do](request);
  } catch (error) {
    answer = TweedieError.isInstance(error)
      ? { code: error.code, message: error.message }
      : { code: 'UNEXPECTED', message: String((error as Error)?.stack ?? error) };
  }
  process.send!(answer);
});
process.send!({});
