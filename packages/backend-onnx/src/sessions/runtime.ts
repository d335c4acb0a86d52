import { TweedieError } from '@tweedie/core';
import type { DeviceName } from './devices.js';
import { turnOffTelemetry } from './telemetry.js';

/** Of ONNX Runtime's packages, native or for browsers, what this package uses. */
export type Runtime = Pick<
  typeof import('onnxruntime-node'),
  'InferenceSession' | 'Tensor' | 'env'
>;

/**
 * The package of each device. In browsers, `browser` of this package's manifest leaves out the
 * native one and takes the smallest build of the other.
 */
const packages: Readonly<
  Record<DeviceName, { load(): Promise<Runtime>; name: string; allowed: string; fix: string }>
> = {
  cpu: {
    load: () => {
      turnOffTelemetry();
      return import('onnxruntime-node');
    },
    name: 'onnxruntime-node',
    allowed: 'Node 20 or newer on Linux (x64, arm64), Windows (x64, arm64) or macOS (arm64)',
    fix: "npm install --ignore-scripts onnxruntime-node@1.30.0, or npm install onnxruntime-web@1.30.0 and the device 'wasm'",
  },
  wasm: {
    load: () => import('onnxruntime-web'),
    name: 'onnxruntime-web',
    allowed: 'browsers and Node 20 or newer',
    fix: 'npm install onnxruntime-web@1.30.0',
  },
  webgpu: {
    load: () => import('onnxruntime-web/webgpu'),
    name: 'onnxruntime-web',
    allowed: 'browsers with WebGPU',
    fix: 'npm install onnxruntime-web@1.30.0',
  },
};

/** Loaded when the first function is compiled, so that importing the package costs nothing. */
const loaded = new Map<DeviceName, Promise<Runtime>>();

/** @throws TweedieError MISSING_BACKEND when the device's package cannot be loaded */
export function loadRuntime(device: DeviceName): Promise<Runtime> {
  const known = loaded.get(device);
  if (known !== undefined) return known;
  const { load, name, allowed, fix } = packages[device];
  const runtime = load().catch((cause: unknown) => {
    throw new TweedieError({
      code: 'MISSING_BACKEND',
      package: 'backend-onnx',
      given: `${name} cannot be loaded (${cause instanceof Error ? cause.message : cause})`,
      allowed,
      fix,
      cause,
    });
  });
  loaded.set(device, runtime);
  return runtime;
}
