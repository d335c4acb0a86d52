import * as tf from '@tensorflow/tfjs-core';
import type { PureFunction } from '@tweedie/core';
import { onnxBackend } from '../index.js';
import { type Outcome, train, type WorkName, workNamed } from './work.testing.js';

/** What the page does for the tests; they call it as `globalThis.tweedie`. */

type Device = 'auto' | 'wasm' | 'webgpu';

interface Setting {
  readonly device: Device;
  /** Whether tfjs's webgpu backend is there too, so that tensors stay on the device. */
  readonly tensors?: 'cpu' | 'webgpu';
}

interface Report extends Outcome {
  readonly tensorBackend: string;
  readonly device: string;
  readonly threads: unknown;
  /** Of the results. */
  readonly livesOn: string;
  readonly leftTensors: number;
}

/** Memory at some moments of a long run. */
interface Footprint {
  readonly tensors: number;
  readonly bytes: number;
  readonly heap: number;
}

// The runtime's memory: the only one of the page that grows.
let heap: WebAssembly.Memory | undefined;
const grow = WebAssembly.Memory.prototype.grow;
WebAssembly.Memory.prototype.grow = function (pages: number) {
  heap = this;
  return grow.call(this, pages);
};

async function open({ device, tensors = 'cpu' }: Setting) {
  if (tensors === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
  const backend = onnxBackend({ device, wasmPaths: '/ort/' });
  await tf.setBackend(backend.tensorBackend);
  return backend;
}

const api = {
  isolated: () => crossOriginIsolated,

  async hasAdapter(): Promise<boolean> {
    return (await navigator.gpu?.requestAdapter()) != null;
  },

  async train(setting: Setting, name: WorkName, steps: number): Promise<Report> {
    const backend = await open(setting);
    const work = workNamed(name);
    const step = backend.compile(work.step);
    let livesOn = '';
    const before = tf.memory().numTensors;
    const outcome = await train(
      work,
      async (...args) => {
        const result = await step(...args);
        const owner = tf.engine().state.tensorInfo.get(result.state.flat.dataId)!.backend;
        livesOn = owner === tf.findBackend('cpu') ? 'cpu' : tf.getBackend();
        return result;
      },
      steps,
    );
    const { device, details } = backend.describe();
    const leftTensors = tf.memory().numTensors - before;
    await backend.dispose();
    return {
      ...outcome,
      tensorBackend: backend.tensorBackend,
      device,
      threads: details.threads,
      livesOn,
      leftTensors,
    };
  },

  /** Memory after each of some rounds of many steps. */
  async footprints(setting: Setting, steps: number, rounds: number): Promise<Footprint[]> {
    const backend = await open(setting);
    const work = workNamed('tiny mlp');
    const step = backend.compile(work.step);
    const seen: Footprint[] = [];
    for (let round = 0; round < rounds; round++) {
      await train(work, step, steps);
      const { numTensors, numBytes } = tf.memory();
      const inUse = tf.memory() as { numBytesAllocatedInGPU?: number };
      seen.push({
        tensors: numTensors,
        bytes: numBytes + (inUse.numBytesAllocatedInGPU ?? 0),
        heap: heap?.buffer.byteLength ?? 0,
      });
    }
    await backend.dispose();
    return seen;
  },

  /** Calls that overlap, of two functions; arguments are disposed at once. */
  async overlap(setting: Setting): Promise<ArrayLike<number>[]> {
    const backend = await open(setting);
    const twice = backend.compile((x: tf.Tensor): tf.Tensor => tf.mul(x, 2));
    const sums = backend.compile((x: tf.Tensor): tf.Tensor => tf.sum(x));
    const pending = Array.from({ length: 8 }, (_, i) => {
      const x = tf.add(tf.range(0, 5 + (i % 2)), i);
      const both = [twice(x), sums(x)];
      x.dispose();
      return both;
    }).flat();
    const results = await Promise.all(pending);
    const numbers = await Promise.all(results.map(async (t) => Array.from(await t.data())));
    tf.dispose(results);
    await backend.dispose();
    return numbers;
  },

  /** Each type, tensors of no and of one element, of odd sizes, kept and passed through. */
  async everyKind(setting: Setting) {
    const backend = await open(setting);
    const outside = tf.mul(tf.range(1, 6), 2);
    const fn = (x: tf.Tensor, n: tf.Tensor, is: tf.Tensor, none: tf.Tensor, one: tf.Tensor) => ({
      x,
      sum: tf.add(x, one),
      n: tf.add(n, tf.scalar(1, 'int32')),
      not: tf.logicalNot(is),
      chosen: tf.where(is, x, tf.zerosLike(x)),
      none: tf.mul(none, 2),
      mean: tf.mean(x),
      constant: tf.tensor1d([1, 2, 3]),
      shifted: tf.add(x, outside),
    });
    const compiled = backend.compile(fn as PureFunction);
    const args = [
      tf.tensor1d([1, -2, 3, -4, 5]),
      tf.tensor1d([1, 2, 3], 'int32'),
      tf.tensor1d([true, false, true, false, true], 'bool'),
      tf.tensor2d([], [0, 3]),
      tf.scalar(10),
    ];
    const first = (await compiled(...args)) as Record<string, tf.Tensor>;
    // Once more, with what was computed where it is.
    const second = (await compiled(
      first.sum,
      first.n,
      first.not,
      first.none,
      first.mean,
    )) as Record<string, tf.Tensor>;
    const shown = (results: Record<string, tf.Tensor>) =>
      Promise.all(
        Object.entries(results).map(async ([name, t]) => [
          name,
          [t.dtype, [...t.shape], Array.from(await t.data())],
        ]),
      ).then(Object.fromEntries);
    const further = Array.from(await tf.mul(second.sum!, 2).data());
    const report = { first: await shown(first), second: await shown(second), further };
    await backend.dispose();
    return report;
  },

  /** A training step in a web worker, where runs hold up no page. */
  async inWorker(setting: Setting, name: WorkName, steps: number): Promise<Report> {
    const worker = new Worker('/page.js', { type: 'module' });
    const report = await new Promise<Report>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage([setting, name, steps]);
    });
    worker.terminate();
    return report;
  },

  /** The message of what a page without the runtime's files is told. */
  async wrongPath(): Promise<string> {
    const backend = onnxBackend({ wasmPaths: '/nowhere/' });
    await tf.setBackend('cpu');
    return backend
      .compile((x: tf.Tensor) => tf.neg(x))(tf.scalar(1))
      .then(
        () => 'it worked',
        (error: Error) => error.message,
      );
  },
};

export type PageApi = typeof api;
Object.assign(globalThis, { tweedie: api });
if (typeof document === 'undefined') {
  addEventListener('message', async ({ data }: MessageEvent<Parameters<typeof api.train>>) =>
    postMessage(await api.train(...data)),
  );
}
