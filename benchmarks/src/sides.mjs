import { fileURLToPath } from 'node:url';
import { findPython } from './python.mjs';
import { tunePyTorch } from './pytorch-tuning.mjs';
import { bundleTfjs } from './sides/bundle-tfjs.mjs';
import { workloadGroups } from './workload-names.mjs';

const path = (name) => fileURLToPath(new URL(`./sides/${name}`, import.meta.url));

const scoreMatching = Object.fromEntries(workloadGroups['score-matching'].map((name) => [name, 1]));

/**
 * Who is compared, ours first. `workloads` says what a side does; a number below 1 is the share of
 * the batch that it does, its time being divided by that share. `cannot` says why a row stays empty.
 * `prepare` gives the program and its settings, or the reason why the side cannot run here.
 */
export const sides = [
  {
    id: 'ours',
    label: 'ours, compiled by backend-onnx',
    workloads: { mlp: 1, 'unet-train': 1, 'unet-sample': 1, ...scoreMatching },
    prepare: ({ threads }) => tweedie({ name: 'onnx', threads }),
  },
  {
    id: 'onnx-standard',
    label: 'ours, in standard ONNX operations',
    // The layout concerns convolutions.
    workloads: { 'unet-train': 1, 'unet-sample': 1 },
    prepare: ({ threads }) => tweedie({ name: 'onnx', threads, layout: 'standard' }),
  },
  {
    id: 'ours-wasm',
    label: 'ours, eager on wasm',
    workloads: scoreMatching,
    prepare: () => tweedie({ name: 'wasm' }),
  },
  {
    id: 'ours-cpu',
    label: 'ours, eager on cpu',
    workloads: scoreMatching,
    prepare: () => tweedie({ name: 'cpu' }),
  },
  {
    id: 'pytorch',
    label: 'PyTorch, eager',
    workloads: { mlp: 1, 'unet-train': 1, 'unet-sample': 1, ...scoreMatching },
    async prepare({ threads, folder, workload }) {
      const python = await findPython();
      if (python.reason !== undefined) return python;
      return tunePyTorch({
        python: python.command,
        script: path('torch_server.py'),
        threads,
        folder,
        workload,
      });
    },
  },
  {
    id: 'jax-js',
    label: 'jax-js, jit',
    workloads: { mlp: 1 },
    prepare: ({ threads }) => ({
      program: { command: process.execPath, args: [path('jax.mjs'), String(threads)] },
    }),
  },
  {
    id: 'tfjs-wasm',
    label: 'tfjs wasm, eager',
    workloads: { mlp: 1, 'unet-sample': 1, ...scoreMatching },
    cannot: { 'unet-train': 'has no gradient of filters' },
    prepare: ({ temporary }) => tfjs('wasm', temporary),
  },
  {
    id: 'tfjs-cpu',
    label: 'tfjs cpu, eager',
    // Plain loops in JavaScript: up to 20 minutes a step, in proportion to the batch.
    workloads: { mlp: 1, 'unet-train': 1 / 32, 'unet-sample': 1 / 16, ...scoreMatching },
    prepare: ({ temporary }) => tfjs('cpu', temporary),
  },
];

function tweedie(backend) {
  const args = [path('tweedie.mjs'), JSON.stringify(backend)];
  return { program: { command: process.execPath, args } };
}

async function tfjs(backend, temporary) {
  const { script, wasmFolder } = await bundleTfjs(temporary);
  return { program: { command: process.execPath, args: [script, backend, wasmFolder] } };
}
