import '@tensorflow/tfjs-backend-cpu';
import { neg, scalar, setBackend, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { onnxBackend } from '../backend.js';

const missing = vi.hoisted(() => () => {
  throw new Error('there is no such package');
});
vi.mock('onnxruntime-node', missing);
vi.mock('onnxruntime-web', missing);

it.each([
  [
    'cpu',
    /onnxruntime-node cannot be loaded.*npm install --ignore-scripts onnxruntime-node.*'wasm'/,
  ],
  ['wasm', /onnxruntime-web cannot be loaded.*npm install onnxruntime-web/],
] as const)('says what to install where the runtime of %s is missing', async (device, message) => {
  await setBackend('cpu');
  const backend = onnxBackend({ device });
  await expect(backend.compile((x: Tensor) => neg(x))(scalar(1))).rejects.toMatchObject({
    code: 'MISSING_BACKEND',
    message: expect.stringMatching(message),
  });
  await backend.dispose();
});
