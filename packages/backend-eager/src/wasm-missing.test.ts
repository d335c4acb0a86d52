import { expect, it, vi } from 'vitest';
import { wasmBackend } from './wasm.js';

vi.mock('@tensorflow/tfjs-backend-wasm', () => {
  throw new Error('there is no such package');
});

it('says what to install where the package is missing', async () => {
  await expect(wasmBackend()).rejects.toMatchObject({
    code: 'MISSING_BACKEND',
    message: expect.stringMatching(/cannot be loaded.*npm install @tensorflow\/tfjs-backend-wasm/),
  });
});
