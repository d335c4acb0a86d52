// The backend on which closed-over tensors live by default.
import '@tensorflow/tfjs-backend-cpu';
import '@tweedie/autodiff';
import { flattenTree, type PureFunction, TweedieError } from '@tweedie/core';
import { encodeModel, type ModelNotes, numberedNames } from '../onnx/encode-model.js';
import { leafType } from '../programs/arguments.js';
import { traceFunction } from '../trace/trace-function.js';

export interface ExportOptions extends ModelNotes {
  /** One for each tensor among the arguments; by default input_0, input_1, … */
  readonly inputs?: readonly string[];
  /** One for each tensor of the result; by default output_0, output_1, … */
  readonly outputs?: readonly string[];
}

/**
 * A pure function as the bytes of an ONNX model, in operators of the standard alone (opset 18), that
 * any runtime loads. Shapes are those of the arguments, whose values do not matter; tensors that the
 * function closes over, such as trained parameters, become constants of the model.
 *
 * @throws TweedieError IMPURE_FUNCTION or UNSUPPORTED for a function that cannot be compiled;
 * INVALID_VALUE when there are not as many names as tensors
 */
export function exportOnnx<F extends PureFunction>(
  fn: F,
  args: Parameters<F>,
  options: ExportOptions = {},
): Uint8Array {
  const { leaves, structure } = flattenTree(args);
  const traced = traceFunction({
    fn,
    argumentTypes: leaves.map(leafType),
    structure,
    dialect: { operators: 'standard', blockSize: 0 },
  });
  const numbered = numberedNames(traced);
  const { inputs = numbered.inputs, outputs = numbered.outputs } = options;
  checkNames('inputs', inputs, numbered.inputs.length);
  checkNames('outputs', outputs, numbered.outputs.length);
  return encodeModel(traced, { inputs, outputs }, options);
}

function checkNames(which: string, names: readonly string[], count: number): void {
  if (names.length === count && new Set(names).size === count) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'backend-onnx',
    given: `the names of ${which} are ${names.join(', ')}`,
    allowed: `${count} different names`,
  });
}
