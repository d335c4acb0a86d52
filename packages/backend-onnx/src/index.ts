export { onnxBackend } from './backend.js';
