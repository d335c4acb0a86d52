import { TweedieError } from '@tweedie/core';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

type Runtime = typeof import('onnxruntime-node');

/** Loaded when the first function is compiled, so that importing the package costs nothing. */
let runtime: Promise<Runtime> | undefined;

/** @throws TweedieError MISSING_BACKEND when onnxruntime-node cannot be loaded */
export function loadRuntime(): Promise<Runtime> {
  runtime ??= import('onnxruntime-node').catch((cause: unknown) => {
    throw new TweedieError({
      code: 'MISSING_BACKEND',
      package: 'backend-onnx',
      given: `onnxruntime-node cannot be loaded (${cause instanceof Error ? cause.message : cause})`,
      allowed: 'Node 20 or newer on Linux (x64, arm64), Windows (x64, arm64) or macOS (arm64)',
      fix: 'npm install --ignore-scripts onnxruntime-node@1.30.0, or use an eager backend',
      cause,
    });
  });
  return runtime;
}

export interface SessionSettings {
  readonly threads: number;
  readonly spinning: boolean;
  readonly arena: boolean;
}

export function createSession(
  { InferenceSession }: Runtime,
  model: Uint8Array,
  { threads, spinning, arena }: SessionSettings,
): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    executionProviders: ['cpu'],
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
      },
    },
  });
}

export type { InferenceSession, Runtime, Tensor as RuntimeTensor };
