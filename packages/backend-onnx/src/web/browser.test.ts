import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundleForBrowsers } from './bundle.testing.js';
import { findChromium, launchChromium } from './chromium.testing.js';
import type { PageApi } from './page.testing.js';
import { type PageServer, servePage } from './page-server.testing.js';
import { type Outcome, train, type WorkName, workNamed } from './work.testing.js';

const executable = findChromium();
if (executable === undefined) {
  console.warn(
    'The tests in a browser are skipped: no Chromium is installed. Install one, or name its program in TWEEDIE_CHROMIUM.',
  );
}

it.runIf(process.env.CI)('there is a browser to test in', () => {
  expect(executable).toBeDefined();
});

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleForBrowsers('./page.testing.ts');
});

describe('the bundle for browsers', () => {
  it('holds the runtime for WebAssembly and nothing of Node', () => {
    // What the manifest leaves out is there with no content.
    const inputs = Object.keys(bundle.inputs).filter((path) => bundle.inputs[path]!.bytes > 0);
    expect(inputs.some((path) => path.includes('onnxruntime-web/dist/ort.wasm'))).toBe(true);
    expect(inputs.filter((path) => /onnxruntime-node\/|\.node$/.test(path))).toEqual([]);
    expect(inputs.filter((path) => /ort\.node|ort\.bundle/.test(path))).toEqual([]);
    const outside = Object.values(bundle.inputs).flatMap(({ imports }) =>
      imports.filter(({ external, path }) => external && !path.startsWith('<')),
    );
    expect(outside).toEqual([]);
  });
});

/** What the eager cpu backend gives. */
const references = new Map<string, Promise<Outcome>>();
function reference(name: WorkName, steps: number): Promise<Outcome> {
  const key = `${name} ${steps}`;
  const known = references.get(key);
  if (known !== undefined) return known;
  const work = workNamed(name);
  const outcome = tf
    .setBackend('cpu')
    .then(() => train(work, async (...args) => tf.tidy(() => work.step(...args) as never), steps));
  references.set(key, outcome);
  return outcome;
}

/** The greatest difference, over the reference's root mean square. */
function distance(numbers: readonly number[], expected: readonly number[]): number {
  expect(numbers).toHaveLength(expected.length);
  const square = expected.reduce((sum, x) => sum + x * x, 0) / expected.length;
  const gaps = numbers.map((x, i) => Math.abs(x - expected[i]!));
  return gaps.reduce((worst, gap) => Math.max(worst, gap), 0) / Math.sqrt(square);
}

const pages = [
  { name: 'WebAssembly with one thread', isolated: false, device: 'auto', tensors: 'cpu' },
  { name: 'WebAssembly with threads', isolated: true, device: 'wasm', tensors: 'cpu' },
  { name: 'WebGPU, tensors in plain memory', isolated: true, device: 'webgpu', tensors: 'cpu' },
  { name: 'WebGPU, tensors on the device', isolated: false, device: 'webgpu', tensors: 'webgpu' },
] as const;

describe.skipIf(executable === undefined)('in Chromium', () => {
  let browser: Browser;
  const servers: PageServer[] = [];
  beforeAll(async () => {
    browser = await launchChromium(executable!);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  async function openPage(isolated: boolean): Promise<Page> {
    const server = await servePage(bundle.text, isolated);
    servers.push(server);
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error('in the page:', error));
    await page.goto(server.url);
    await page.waitForFunction(() => 'tweedie' in globalThis);
    return page;
  }

  /** Calls one of the page's functions. */
  function call<Name extends keyof PageApi>(
    page: Page,
    name: Name,
    ...args: Parameters<PageApi[Name]>
  ): Promise<Awaited<ReturnType<PageApi[Name]>>> {
    return page.evaluate(
      ([which, list]) =>
        (globalThis as unknown as { tweedie: Record<string, (...a: unknown[]) => never> }).tweedie[
          which
        ]!(...list),
      [name as string, args as unknown[]] as const,
    );
  }

  it('says what to serve where the files of the runtime are not found', async () => {
    const page = await openPage(false);
    expect(await call(page, 'wrongPath')).toMatch(
      /onnxruntime-web does not start.*ort-wasm-\*\.wasm.*wasmPaths/,
    );
    await page.close();
  });

  describe.each(pages)('$name', ({ isolated, device, tensors }) => {
    const setting = { device, tensors };
    const isGpu = device === 'webgpu';
    let page: Page;
    let isThere = true;
    beforeAll(async () => {
      page = await openPage(isolated);
      isThere = !isGpu || (await call(page, 'hasAdapter'));
      if (!isThere) console.warn('WebGPU is not tested: this browser gives no adapter.');
    });
    afterAll(() => page.close());

    // A graphics processor made of software shares the cores with whatever else runs.
    const timeout = isGpu ? 300_000 : 120_000;
    const itWorks = (name: string, test: () => Promise<void>) =>
      it(name, { timeout }, async ({ skip }) => {
        if (!isThere && !process.env.CI) skip('no adapter');
        expect(isThere).toBe(true);
        await test();
      });

    // Each shape of each operation is a shader to be translated first, which takes its time.
    const stays = tensors === 'webgpu';
    const onProcessor = { mlp: 3, unet: 3 };
    const onGpu = stays ? { 'tiny mlp': 3, 'tiny unet': 1 } : { 'tiny mlp': 3 };
    const works = Object.entries(isGpu ? onGpu : onProcessor) as [WorkName, number][];
    for (const [work, steps] of works) {
      // Sums in another order round otherwise, in the last of 24 bits, and that grows with depth.
      itWorks(`trains the ${work} as the cpu backend does`, async () => {
        const report = await call(page, 'train', setting, work, steps);
        const expected = await reference(work, steps);
        expect(distance(report.losses, expected.losses)).toBeLessThan(1e-4);
        expect(distance(report.parameters, expected.parameters)).toBeLessThan(1e-4);
        expect(report.leftTensors).toBe(0);
        expect(report).toMatchObject({
          device: isGpu ? 'webgpu' : 'wasm',
          tensorBackend: tensors,
          livesOn: tensors,
        });
        if (!isolated) expect(report.threads).toBe(1);
      });
    }

    itWorks('takes and gives every type and size', async () => {
      const { first, second, further } = await call(page, 'everyKind', setting);
      const close = (...numbers: number[]) => numbers.map((x) => expect.closeTo(x, 5));
      expect(first).toEqual({
        x: ['float32', [5], [1, -2, 3, -4, 5]],
        sum: ['float32', [5], [11, 8, 13, 6, 15]],
        n: ['int32', [3], [2, 3, 4]],
        not: ['bool', [5], [0, 1, 0, 1, 0]],
        chosen: ['float32', [5], [1, 0, 3, 0, 5]],
        none: ['float32', [0, 3], []],
        mean: ['float32', [], close(0.6)],
        constant: ['float32', [3], [1, 2, 3]],
        shifted: ['float32', [5], [3, 2, 9, 4, 15]],
      });
      expect(second).toEqual({
        x: ['float32', [5], [11, 8, 13, 6, 15]],
        sum: ['float32', [5], close(11.6, 8.6, 13.6, 6.6, 15.6)],
        n: ['int32', [3], [3, 4, 5]],
        not: ['bool', [5], [1, 0, 1, 0, 1]],
        chosen: ['float32', [5], [0, 8, 0, 6, 0]],
        none: ['float32', [0, 3], []],
        mean: ['float32', [], close(10.6)],
        constant: ['float32', [3], [1, 2, 3]],
        shifted: ['float32', [5], [13, 12, 19, 14, 25]],
      });
      expect(further).toEqual(close(23.2, 17.2, 27.2, 13.2, 31.2));
    });

    itWorks('runs calls that overlap one after another', async () => {
      const expected = Array.from({ length: 8 }, (_, i) => {
        const x = Array.from({ length: 5 + (i % 2) }, (_, k) => k + i);
        return [x.map((value) => 2 * value), [x.reduce((sum, value) => sum + value, 0)]];
      }).flat();
      expect(await call(page, 'overlap', setting)).toEqual(expected);
    });

    itWorks('keeps memory flat', async () => {
      const steps = isGpu ? 20 : 100;
      const [, second, ...later] = await call(page, 'footprints', setting, steps, 3);
      expect(second).toBeDefined();
      for (const footprint of later) expect(footprint).toEqual(second);
    });
  });

  it('works in a web worker', async () => {
    const page = await openPage(false);
    const { losses } = await call(page, 'inWorker', { device: 'auto' }, 'tiny mlp', 3);
    const expected = await reference('tiny mlp', 3);
    expect(distance(losses, expected.losses)).toBeLessThan(1e-4);
    await page.close();
  });

  it('shares memory among threads where the page is isolated', async () => {
    const page = await openPage(true);
    expect(await call(page, 'isolated')).toBe(true);
    const { threads } = await call(page, 'train', { device: 'wasm' }, 'tiny mlp', 1);
    const cores = await page.evaluate(() => navigator.hardwareConcurrency);
    expect(threads).toBe(Math.min(8, cores));
    await page.close();
  });
});
