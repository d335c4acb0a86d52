import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import { toHost, toTensor } from '@tweedie/autodiff';
import { type Backend, floats, nearestName, TweedieError } from '@tweedie/core';

/** Each loads its packages when it is chosen: runtimes are large, and recipes need none of them. */
const openers = {
  onnx: async (): Promise<Backend> => (await import('@tweedie/backend-onnx')).onnxBackend(),
  wasm: async (): Promise<Backend> => (await import('@tweedie/backend-eager')).wasmBackend(),
  cpu: async (): Promise<Backend> => (await import('@tweedie/backend-eager')).cpuBackend(),
} as const;

export type BackendName = keyof typeof openers;
/** The backends, in the order in which `auto` tries them. */
export const backendNames = Object.keys(openers) as readonly BackendName[];

/**
 * Opens a backend by name and proves it on a small program; 'auto' takes the first that works.
 *
 * @throws TweedieError UNKNOWN_NAME; MISSING_BACKEND, which says why it does not work
 */
export async function openBackend(name: BackendName | 'auto' | (string & {})): Promise<Backend> {
  if (name === 'auto') return openFirst();
  const open = (openers as Record<string, (() => Promise<Backend>) | undefined>)[name];
  if (open === undefined) {
    const near = nearestName(name, backendNames);
    throw new TweedieError({
      code: 'UNKNOWN_NAME',
      package: 'tweedie',
      given: `there is no backend '${name}'`,
      allowed: ['auto', ...backendNames].join(', '),
      suggestion: near,
    });
  }
  try {
    const backend = await open();
    await prove(backend);
    return backend;
  } catch (cause) {
    if (TweedieError.isInstance(cause) && cause.code === 'MISSING_BACKEND') throw cause;
    throw new TweedieError({
      code: 'MISSING_BACKEND',
      package: 'tweedie',
      given: `backend ${name} does not work here (${(cause as Error).message})`,
      fix: `run 'tweedie doctor', or take another with --backend`,
      cause,
    });
  }
}

async function openFirst(): Promise<Backend> {
  const reasons: string[] = [];
  for (const name of backendNames) {
    try {
      return await openBackend(name);
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new TweedieError({
    code: 'MISSING_BACKEND',
    package: 'tweedie',
    given: `no backend works here: ${reasons.join(' ')}`,
    fix: 'install the packages again',
  });
}

/** Runs 2x + 1 and looks at the answer. */
async function prove(backend: Backend): Promise<void> {
  const compiled = backend.compile((x: Tensor) => add(mul(x, 2), 1));
  const x = toTensor(floats([1, 2]));
  const y = await compiled(x);
  const { data } = await toHost(y);
  x.dispose();
  y.dispose();
  await compiled.dispose();
  if (data[0] !== 3 || data[1] !== 5) throw new Error(`it computed 2x + 1 as ${data.join(', ')}`);
}
