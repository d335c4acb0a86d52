export { cpuBackend } from './cpu.js';
export { wasmBackend } from './wasm.js';
