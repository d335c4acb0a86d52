export { onnxBackend } from './backend.js';
export { compile } from './compile.js';
export {
  type ExportedIteration,
  exportIteration,
  type Iteration,
  type IterationOptions,
} from './export/export-iteration.js';
export { type ExportOptions, exportOnnx } from './export/export-onnx.js';
export { type ModelArray, type OpenModel, openModel } from './export/open-model.js';
export type { IterationStep, StepFunction, StepResults } from './export/record-steps.js';
export type { QuantizedFunction } from './int8/quantization.js';
export type { LeafType } from './ir/element-type.js';
export { type QuantizeOptions, quantize } from './quantize/quantize.js';
export { type Refusal, refusedKernels } from './trace/refused-kernels.js';
