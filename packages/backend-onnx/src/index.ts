export { onnxBackend } from './backend.js';
export { compile } from './compile.js';
export { type ExportOptions, exportOnnx } from './export.js';
export {
  type ExportedIteration,
  exportIteration,
  type Iteration,
  type IterationOptions,
} from './export-iteration.js';
export type { IterationStep, StepFunction, StepResults } from './export-recording.js';
export { type ModelArray, type OpenModel, openModel } from './exported-model.js';
export { type QuantizeOptions, quantize } from './quantize/quantize.js';
export { type Refusal, refusedKernels } from './trace/refused-kernels.js';
