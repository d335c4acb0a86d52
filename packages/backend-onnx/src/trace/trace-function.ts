import { isQuantized } from '../int8/quantization.js';
import { quantizeConvolutions } from '../int8/quantize-convolutions.js';
import type { TracedFunction } from '../ir/computation.js';
import { type TraceRequest, trace } from './trace.js';

/**
 * A function as it is to be compiled or exported: its trace, with the convolutions of a
 * `QuantizedFunction` in int8.
 *
 * @throws what `trace` and `quantizeConvolutions` throw
 */
export function traceFunction(request: TraceRequest): TracedFunction {
  const { fn, dialect } = request;
  if (!isQuantized(fn)) return trace(request);
  // Only convolutions of NCHW have an int8 form.
  const traced = trace({ ...request, dialect: { ...dialect, blockSize: 0 } });
  return { ...traced, ...quantizeConvolutions(traced, fn.quantization) };
}
