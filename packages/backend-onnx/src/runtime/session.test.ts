import '@tensorflow/tfjs-backend-cpu';
import { neg, scalar, setBackend, type Tensor } from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { onnxBackend } from '../backend.js';

vi.mock('onnxruntime-node', () => {
  throw new Error('there is no such package');
});

it('says what to install where the runtime is missing', async () => {
  await setBackend('cpu');
  const backend = onnxBackend();
  await expect(backend.compile((x: Tensor) => neg(x))(scalar(1))).rejects.toMatchObject({
    code: 'MISSING_BACKEND',
    message: expect.stringMatching(
      /cannot be loaded.*npm install --ignore-scripts onnxruntime-node/,
    ),
  });
  await backend.dispose();
});
