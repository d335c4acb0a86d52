export { onnxBackend } from './backend.js';
export { type ExportOptions, exportOnnx } from './export.js';
