// Our side in Node, on the backend and with the options of the first argument.
import { cpuBackend, wasmBackend } from '@tweedie/backend-eager';
import { onnxBackend } from '@tweedie/backend-onnx';
import { createInt8Denoiser } from './int8-denoiser.mjs';
import { serve } from './serve.mjs';
import { createSide } from './tweedie-side.mjs';

const { name, int8 = false, ...options } = JSON.parse(process.argv[2]);
const backend = await { onnx: onnxBackend, wasm: wasmBackend, cpu: cpuBackend }[name](options);
const packages = {
  tweedie: '@tweedie/backend-onnx',
  ...(name === 'onnx' ? { 'onnxruntime-node': 'onnxruntime-node' } : {}),
};
// The eager backends have no threads in Node.
const threads = options.threads ?? 1;
serve(
  createSide(backend, { threads, packages, ...(int8 ? { denoiserOf: createInt8Denoiser } : {}) }),
);
