import { TweedieError } from '@tweedie/core';
import type { TracedFunction } from '../ir/computation.js';
import type { LeafType } from '../ir/element-type.js';
import type { ScanShape } from '../onnx/encode-scan.js';
import type { TraceRequest } from '../trace/trace.js';

type Request = Omit<TraceRequest, 'dialect'>;

/**
 * One step of many, from the arguments of all: what is not carried is an entry of its argument.
 *
 * @throws TweedieError INVALID_SHAPE when the arguments do not have as many entries as one another
 */
export function scanOf(whole: Request, carried: number): { step: Request; shape: ScanShape } {
  const scanned = whole.argumentTypes.slice(carried);
  const [steps = 0] = scanned[0]?.shape ?? [];
  if (!(steps > 0) || scanned.some(({ shape }) => shape[0] !== steps)) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'backend-onnx',
      given: `the inputs of a scan have the shapes ${listed(scanned)}`,
      allowed:
        'inputs that have an entry for each step along their first axis, as many as the others',
    });
  }
  const argumentTypes = whole.argumentTypes.map((type, i) =>
    i < carried ? type : { ...type, shape: type.shape.slice(1) },
  );
  return { step: { ...whole, argumentTypes }, shape: { steps, carried } };
}

/** @throws TweedieError INVALID_SHAPE when a step does not leave a state like the one it was given */
export function checkCarry(
  step: Request,
  { outputs }: TracedFunction,
  { carried }: ScanShape,
): void {
  const given = step.argumentTypes.slice(0, carried);
  const left = outputs.slice(0, carried);
  const isAlike = given.every(({ type, shape }, i) => {
    return left[i]?.type === type && `${left[i].shape}` === `${shape}`;
  });
  if (isAlike) return;
  throw new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'backend-onnx',
    given: `a step of a scan leaves a state of ${listed(left as LeafType[])}, and was given ${listed(given)}`,
    allowed: 'a state of the same structure, shapes and types',
  });
}

const listed = (types: readonly LeafType[]) =>
  types.map(({ type, shape }) => `${type}[${shape.join(', ')}]`).join(' ');
