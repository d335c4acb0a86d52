export { onnxBackend } from './backend.js';
export { type ExportNames, exportOnnx } from './export.js';
