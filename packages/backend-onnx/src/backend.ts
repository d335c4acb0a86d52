// The backend on which arguments and results live.
import '@tensorflow/tfjs-backend-cpu';
// Gradients that are right to second order are traced with the function.
import '@tweedie/autodiff';
import {
  type Backend,
  type BackendInfo,
  boolean,
  type Compiled,
  choice,
  defineFactory,
  integer,
  type PureFunction,
  text,
} from '@tweedie/core';
import { compileFunction } from './compile/compile-function.js';
import { quantize } from './quantize/quantize.js';
import { chooseDevice, tensorBackendOf } from './sessions/devices.js';
import { defaultThreads } from './sessions/threads.js';
import { startedThreads } from './sessions/web-session.js';
import { createSessionWorker } from './sessions/worker-session.js';

/**
 * Compiled execution: a pure function of tensors, gradients included, is traced once for each set of
 * argument shapes into one ONNX graph, which ONNX Runtime runs: natively in Node, in WebAssembly or
 * on WebGPU in browsers. Arguments and results are tensors of tfjs's cpu backend, or of its webgpu
 * backend where the device is 'webgpu' and the program has imported that backend before.
 *
 * @throws TweedieError INVALID_OPTION; UNSUPPORTED for a device that is not there
 */
export const onnxBackend = defineFactory({
  owner: 'backend-onnx',
  id: 'onnx',
  doc: 'compiled to ONNX and run natively on the processor',
  options: {
    device: choice(['auto', 'cpu', 'wasm', 'webgpu'], {
      default: 'auto',
      doc: "what computes; 'auto' is cpu in Node and wasm in browsers",
    }),
    threads: integer({
      default: null,
      min: 1,
      doc: 'threads that share one operation; null takes every core, up to 16 (8 in browsers, where pages are cross-origin isolated, else 1)',
    }),
    layout: choice(['auto', 'standard', 'blocked'], {
      default: 'auto',
      doc: "how convolutions keep images: 'blocked' is NCHWc (fast, where the processor has it), 'standard' NCHW",
    }),
    spinning: boolean({
      default: false,
      doc: 'threads wait busily: a few percent faster on an idle machine, much slower on a shared one',
    }),
    wasmPaths: text({
      default: null,
      doc: 'browsers: the address under which the files of onnxruntime-web are served, ending with /',
    }),
    arena: boolean({
      default: true,
      doc: 'keep memory between runs: faster, and the peak stays allocated',
    }),
    worker: choice(['auto', 'always', 'never'], {
      default: 'auto',
      doc: "whether runs leave the calling thread free (Node): 'auto' moves those of more than some 20 ms to a worker thread",
    }),
    cacheSize: integer({
      default: 8,
      min: 1,
      doc: 'sets of argument shapes for which a compiled function keeps its program',
    }),
  },
  create(options): Omit<Backend, 'name'> {
    const device = chooseDevice(options.device);
    const threads = options.threads ?? startedThreads(device) ?? defaultThreads(device);
    const tensorBackend = tensorBackendOf(device);
    const settings = { ...options, device, threads };
    const sessionWorker = device === 'cpu' ? createSessionWorker() : undefined;
    const held = new Set<{ dispose(): Promise<void> }>();
    const compileAs = <F extends PureFunction>(fn: F, how: 'once' | 'scan'): Compiled<F> => {
      const all = { ...settings, tensorBackend, sessionWorker };
      const compiled: Compiled<F> = compileFunction(fn, all, () => held.delete(compiled), how);
      held.add(compiled);
      return compiled;
    };
    return {
      tensorBackend,
      describe: (): BackendInfo => ({
        name: 'onnx',
        kind: 'compiled',
        device,
        details: settings,
      }),
      compile: (fn) => compileAs(fn, 'once'),
      // On the graphics processor the steps would have to leave it for the loop.
      capabilities:
        tensorBackend === 'cpu'
          ? {
              scan: (step) => compileAs(step, 'scan'),
              quantize: async (fn, options) => compileAs(await quantize(fn, options), 'once'),
            }
          : {},
      async dispose() {
        await Promise.all([...held].map((compiled) => compiled.dispose()));
        held.clear();
        await sessionWorker?.end();
      },
    };
  },
});
