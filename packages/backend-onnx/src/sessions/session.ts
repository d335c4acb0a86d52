import type { Tensor as RuntimeTensor } from 'onnxruntime-node';

export type { RuntimeTensor };

/** Of an inference session what programs use. */
export interface Session {
  readonly inputNames: readonly string[];
  /** Whether the thread that held it has ended, so that no run can succeed. */
  readonly isLost?: boolean;
  run(
    feeds: Readonly<Record<string, RuntimeTensor>>,
    fetches?: Readonly<Record<string, RuntimeTensor | null>>,
  ): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}
