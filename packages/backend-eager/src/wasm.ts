import { engine, setBackend } from '@tensorflow/tfjs-core';
import { type Backend, type PureFunction, TweedieError } from '@tweedie/core';
import { runOn } from './compile.js';

/**
 * The tfjs backend in WebAssembly, several times as fast as plain JavaScript. It needs the optional
 * package @tensorflow/tfjs-backend-wasm, which is loaded here and made ready; the active tfjs
 * backend stays what it was.
 *
 * @throws TweedieError MISSING_BACKEND when the package is not installed or does not start
 */
export async function wasmBackend(): Promise<Backend> {
  await loadPackage();
  const before = engine().backendName;
  // The first time, this is what starts it.
  const started = await setBackend('wasm');
  if (before) await setBackend(before);
  if (!started) throw missing('@tensorflow/tfjs-backend-wasm does not start here');
  return {
    name: 'wasm',
    tensorBackend: 'wasm',
    describe: () => ({ name: 'wasm', kind: 'eager', device: 'wasm', details: {} }),
    compile: <F extends PureFunction>(fn: F) => runOn('wasm', fn),
    capabilities: {},
    dispose: async () => {},
  };
}

async function loadPackage(): Promise<void> {
  try {
    await import('@tensorflow/tfjs-backend-wasm');
  } catch (cause) {
    throw missing('@tensorflow/tfjs-backend-wasm cannot be loaded', cause);
  }
}

function missing(given: string, cause?: unknown): TweedieError {
  return new TweedieError({
    code: 'MISSING_BACKEND',
    package: 'backend-eager',
    given,
    fix: 'npm install @tensorflow/tfjs-backend-wasm@4.22.0, or use the cpu backend',
    cause,
  });
}
