import type { InferenceSession } from 'onnxruntime-node';
import type { DeviceName } from './devices.js';

export interface SessionSettings {
  readonly device: DeviceName;
  readonly threads: number;
  readonly spinning: boolean;
  readonly arena: boolean;
  /** Where the files of onnxruntime-web are served; null leaves its own way of finding them. */
  readonly wasmPaths?: string | null;
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
        // What is int8 becomes float32 once, not once for each use.
        disable_quant_qdq: '1',
      },
    },
  };
}
