import { TweedieError } from '@tweedie/core';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { DeviceName } from './devices.js';
import { createWebSession } from './web-session.js';
import type { SessionWorker } from './worker-session.js';

type Runtime = Pick<typeof import('onnxruntime-node'), 'InferenceSession' | 'Tensor' | 'env'>;

export interface SessionSettings {
  readonly device: DeviceName;
  readonly threads: number;
  readonly spinning: boolean;
  readonly arena: boolean;
  /** Where the files of onnxruntime-web are served; null leaves its own way of finding them. */
  readonly wasmPaths?: string | null;
  /** Which programs run in the worker: those that are long enough, all, or none. */
  readonly worker?: 'auto' | 'always' | 'never';
  readonly sessionWorker?: SessionWorker | undefined;
}

/** Of an inference session what programs use. */
export interface Session {
  readonly inputNames: readonly string[];
  /** Whether what held it is gone, so that no run can succeed. */
  readonly isLost?: boolean;
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches?: Readonly<Record<string, Tensor | null>>,
  ): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

/**
 * The package of each device. In browsers, `browser` of this package's manifest leaves out the
 * native one and takes the smallest build of the other.
 */
const packages: Readonly<
  Record<DeviceName, { load(): Promise<Runtime>; name: string; allowed: string; fix: string }>
> = {
  cpu: {
    load: () => import('onnxruntime-node'),
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

/**
 * @param provider what computes, where the device alone does not say it
 * @throws TweedieError MISSING_BACKEND when the runtime does not start
 */
export function createSession(
  runtime: Runtime,
  model: Uint8Array,
  settings: SessionSettings,
  provider: InferenceSession.ExecutionProviderConfig = settings.device,
): Promise<Session> {
  const create = () => runtime.InferenceSession.create(model, sessionOptions(settings, provider));
  return settings.device === 'cpu' ? create() : createWebSession(runtime, create, settings);
}

export function sessionOptions(
  { device, threads, spinning, arena }: SessionSettings,
  provider: InferenceSession.ExecutionProviderConfig = device,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // The graph comes optimized; what 'all' adds takes longer to find than it gains.
    graphOptimizationLevel: 'basic',
    enableCpuMemArena: arena,
    // What goes wrong is thrown; the runtime need not print it too.
    logSeverityLevel: 4,
    extra: {
      session: {
        intra_op: { allow_spinning: spinning ? '1' : '0' },
        // Denormal numbers are up to twenty times as slow, and no result depends on them.
        set_denormal_as_zero: '1',
        // Bytes become numbers once, not once for each use of the numbers.
        disable_quant_qdq: '1',
      },
    },
  };
}

export type { InferenceSession, Runtime, Tensor as RuntimeTensor };
