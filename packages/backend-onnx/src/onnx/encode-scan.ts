import type { Computation } from '../ir/computation.js';
import { int, type Value } from '../ir/graph.js';
import {
  type ModelNames,
  nameValues,
  writeConstant,
  writeGraphName,
  writeModel,
  writeNodes,
  writeValue,
} from './encode-model.js';
import { writeNode } from './node.js';

/** How often a computation is run, and how many of its inputs and outputs are the state. */
export interface ScanShape {
  readonly steps: number;
  readonly carried: number;
}

/** The shape of an input or output of the whole: what is not carried has one entry for each step. */
export function scannedShape(
  { shape }: Pick<Value, 'shape'>,
  index: number,
  { steps, carried }: ScanShape,
): readonly number[] {
  return index < carried ? shape : [steps, ...shape];
}

/**
 * The model that runs a computation once for each entry of its inputs, each time on the state that
 * the last left: `Scan`. Its first `carried` inputs and outputs are that state.
 */
export function encodeScan(
  computation: Computation,
  names: ModelNames,
  scan: ScanShape,
): Uint8Array {
  const inner = {
    inputs: names.inputs.map((name) => `step_${name}`),
    outputs: names.outputs.map((name) => `step_${name}`),
  };
  const named = nameValues(computation, inner, 'step_');
  const inputs = computation.graph.inputs;
  return writeModel([named], {}, (out) => {
    writeNode(out, {
      operator: 'Scan',
      inputs: names.inputs,
      outputs: names.outputs,
      attributes: { num_scan_inputs: int(inputs.length - scan.carried) },
      graphs: {
        body(body) {
          writeNodes(body, named);
          for (const [value, name] of named.constants) writeConstant(body, name, value);
          writeGraphName(body, 'step');
          inputs.forEach((value, i) => {
            writeValue(body, 'input', inner.inputs[i]!, value);
          });
          for (const { name, value } of named.outputs) writeValue(body, 'output', name, value);
        },
      },
    });
    inputs.forEach((value, i) => {
      writeValue(out, 'input', names.inputs[i]!, {
        type: value.type,
        shape: scannedShape(value, i, scan),
      });
    });
    named.outputs.forEach(({ value }, i) => {
      writeValue(out, 'output', names.outputs[i]!, {
        type: value.type,
        shape: scannedShape(value, i, scan),
      });
    });
  });
}
