import { engine } from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';

/**
 * What computes: 'cpu' is the native library in Node, 'wasm' the same library in WebAssembly, in
 * browsers and in Node, 'webgpu' the graphics processor of a browser.
 */
export type DeviceName = 'cpu' | 'wasm' | 'webgpu';

/** Node, whichever globals it has been given to look like a browser. */
export const isNode = typeof process !== 'undefined' && typeof process.versions?.node === 'string';

/** @throws TweedieError UNSUPPORTED for a device that is not there */
export function chooseDevice(asked: DeviceName | 'auto'): DeviceName {
  if (asked === 'auto') return isNode ? 'cpu' : 'wasm';
  const isMissing =
    asked === 'webgpu'
      ? typeof navigator === 'undefined' || !('gpu' in navigator)
      : asked === 'cpu' && !isNode;
  if (!isMissing) return asked;
  throw new TweedieError({
    code: 'UNSUPPORTED',
    package: 'backend-onnx',
    given: `the device '${asked}' is not there`,
    allowed:
      asked === 'cpu'
        ? "'cpu' in Node; 'wasm' and 'webgpu' in browsers"
        : "'webgpu' where `navigator.gpu` is there: in current browsers, on pages served by https or from localhost",
    fix: "choose 'auto' or 'wasm'",
  });
}

/**
 * Where arguments and results live: on the graphics processor when it computes and the program
 * also uses tfjs's webgpu backend, else in plain memory.
 */
export function tensorBackendOf(device: DeviceName): 'cpu' | 'webgpu' {
  const shares = device === 'webgpu' && engine().backendNames().includes('webgpu');
  return shares ? 'webgpu' : 'cpu';
}
