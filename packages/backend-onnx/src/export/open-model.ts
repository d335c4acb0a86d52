import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import type { TypedData } from '../programs/arguments.js';
import { readData } from '../programs/arguments.js';
import { loadRuntime } from '../sessions/runtime.js';

/** An input or output of a model. */
export interface ModelArray {
  readonly name: string;
  /** 'float32', 'int32', 'int64', 'bool', … */
  readonly type: string;
  /** An extent that the model leaves open is its name. */
  readonly shape: readonly (number | string)[];
}

/** An ONNX model, ours or another's, ready to run on tensors. */
export interface OpenModel {
  readonly inputs: readonly ModelArray[];
  readonly outputs: readonly ModelArray[];
  /**
   * @param feeds a tensor for each input, float32, int32 or bool; whole numbers for an int64 input are
   * given as int32. They stay the caller's
   * @returns a tensor for each output, the caller's to dispose
   * @throws TweedieError INVALID_VALUE when an input is missing or does not fit
   */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  dispose(): Promise<void>;
}

/**
 * Opens an ONNX model with ONNX Runtime as any user of the file would: with its settings as they
 * come, so that an exported model can be compared with its source.
 *
 * @param device 'cpu' (onnxruntime-node) or 'wasm' (onnxruntime-web)
 * @throws TweedieError MISSING_BACKEND without the runtime; CORRUPT_FILE for what it refuses
 */
export async function openModel(
  model: Uint8Array,
  { device = 'cpu' }: { readonly device?: 'cpu' | 'wasm' } = {},
): Promise<OpenModel> {
  const runtime = await loadRuntime(device);
  const options = { executionProviders: [device], logSeverityLevel: 4 } as const;
  const session = await runtime.InferenceSession.create(model, options).catch((cause: unknown) => {
    throw new TweedieError({
      code: 'CORRUPT_FILE',
      package: 'backend-onnx',
      given: `ONNX Runtime does not take the model (${messageOf(cause)})`,
      cause,
    });
  });
  const describe = (arrays: typeof session.inputMetadata): ModelArray[] =>
    arrays.map((array) =>
      array.isTensor
        ? { name: array.name, type: array.type, shape: array.shape }
        : { name: array.name, type: 'other', shape: [] },
    );
  const inputs = describe(session.inputMetadata);
  const outputs = describe(session.outputMetadata);
  return {
    inputs,
    outputs,
    async run(feeds) {
      const given = await Promise.all(
        inputs.map(async ({ name, type }) => {
          const tensor = feeds[name];
          if (tensor === undefined) throw unfit(`the input '${name}' is missing`);
          const data = await readData(tensor);
          const { shape } = tensor;
          const value =
            type === 'int64'
              ? new runtime.Tensor('int64', BigInt64Array.from(data, BigInt), shape)
              : new runtime.Tensor(tensor.dtype as 'float32', data as Float32Array, shape);
          return [name, value] as const;
        }),
      );
      const results = await session.run(Object.fromEntries(given)).catch((cause: unknown) => {
        throw unfit(messageOf(cause), cause);
      });
      const backend = engine().findBackend('cpu');
      return Object.fromEntries(
        outputs.map(({ name }) => {
          const { data, dims, type } = results[name]!;
          const dtype = type as 'float32';
          return [name, engine().makeTensor(data as TypedData, [...dims], dtype, backend)];
        }),
      );
    },
    dispose: () => session.release(),
  };
}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

function unfit(given: string, cause?: unknown): TweedieError {
  return new TweedieError({
    code: 'INVALID_VALUE',
    package: 'backend-onnx',
    given: `the model was not run: ${given}`,
    allowed: 'a tensor of its type and shape for each input',
    ...(cause === undefined ? {} : { cause }),
  });
}
