// Our side in a browser.
import { onnxBackend } from '@tweedie/backend-onnx';
import { answerInPage, threads } from './answer-in-page.mjs';
import { createSide } from './tweedie-side.mjs';

const packages = { tweedie: '@tweedie/backend-onnx', 'onnxruntime-web': 'onnxruntime-web' };
const backend = onnxBackend({ device: 'wasm', threads, wasmPaths: '/files/onnxruntime-web/' });
answerInPage(createSide(backend, { threads, packages }));
