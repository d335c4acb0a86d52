// A side that runs in Chromium: hands the runner's requests to a page, whose script is the second
// argument. The first is Chromium's program, the third the number of threads.
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { packageFolder } from '../versions.mjs';
import { peakMemory, serveActions } from './serve.mjs';
import { servePage } from './serve-page.mjs';

const [executablePath, script, threads] = process.argv.slice(2);
const dist = (entry) => join(packageFolder(entry), 'dist');
const folders = {
  'onnxruntime-web': dist(import.meta.resolve('onnxruntime-web')),
  'tfjs-backend-wasm': dist(import.meta.resolve('@tensorflow/tfjs-backend-wasm')),
};
const address = await servePage(script, folders);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const page = await browser.newPage();
// Libraries ask for it to choose their threads.
await page.addInitScript(
  (count) => Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => count }),
  Number(threads),
);
const session = await browser.newBrowserCDPSession();
const processes = async () => (await session.send('SystemInfo.getProcessInfo')).processInfo;
const renderers = async () => (await processes()).filter(({ type }) => type === 'renderer');
/** Processor time of the page in ms. */
const spent = async () => (await renderers()).reduce((sum, { cpuTime }) => sum + 1000 * cpuTime, 0);

const failures = [];
page.on('pageerror', (error) => failures.push(error.message));
await page.goto(`${address}?threads=${threads}`);
const ready = page.waitForFunction(() => globalThis.answer !== undefined, undefined, {
  timeout: 30_000,
});
const answer = async (request) => {
  await ready.catch(() => {
    throw new Error(`the page did not start: ${failures.join('; ')}`);
  });
  return page.evaluate((asked) => globalThis.answer(asked), request);
};

const actions = {
  async describe(request) {
    const description = await answer(request);
    return {
      ...description,
      versions: { ...description.versions, chromium: browser.version() },
      pids: (await processes()).map(({ id }) => id),
    };
  },
  async open({ folder, ...request }) {
    folders.workload = folder;
    return answer({ ...request, folder: '/files/workload' });
  },
  numbers: answer,
  async time(request) {
    const before = await spent();
    const { milliseconds } = await answer(request);
    return { milliseconds, processor: ((await spent()) - before) / milliseconds.length };
  },
  async memory() {
    const peaks = (await renderers()).map(({ id }) => peakMemory(id) ?? 0);
    return { peak: Math.max(...peaks) || undefined };
  },
};
serveActions(actions, () => browser.close());
