import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, it, vi } from 'vitest';
import { chooseDevice, tensorBackendOf } from './devices.js';
import { defaultThreads } from './threads.js';

afterEach(() => vi.unstubAllGlobals());

it('is the native library in Node, which has no WebGPU', () => {
  expect(chooseDevice('auto')).toBe('cpu');
  expect(chooseDevice('cpu')).toBe('cpu');
  expect(chooseDevice('wasm')).toBe('wasm');
  expect(() => chooseDevice('webgpu')).toThrow(/'webgpu' is not there.*navigator.gpu.*'wasm'/);
});

it('is WebGPU where the environment has it', () => {
  vi.stubGlobal('navigator', { gpu: {} });
  expect(chooseDevice('webgpu')).toBe('webgpu');
});

it('keeps tensors on the graphics processor only beside tfjs that does', () => {
  expect(tensorBackendOf('webgpu')).toBe('cpu');
  tf.registerBackend('webgpu', () => Promise.reject(new Error('not in this test')));
  expect(tensorBackendOf('webgpu')).toBe('webgpu');
  expect(tensorBackendOf('wasm')).toBe('cpu');
  tf.removeBackend('webgpu');
});

it('takes the cores of this process, and one thread beside the graphics processor', () => {
  expect(defaultThreads('cpu')).toBeGreaterThanOrEqual(1);
  expect(defaultThreads('cpu')).toBeLessThanOrEqual(16);
  expect(defaultThreads('wasm')).toBeLessThanOrEqual(8);
  expect(defaultThreads('webgpu')).toBe(1);
});
