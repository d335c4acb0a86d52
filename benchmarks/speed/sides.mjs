import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.mjs';
import { findPython } from './python.mjs';
import { tuneCompiled, tuneEager } from './pytorch-tuning.mjs';
import { bundlePage } from './sides/bundle-page.mjs';
import { bundleTfjs } from './sides/bundle-tfjs.mjs';
import { workloadGroups } from './workload-names.mjs';

const path = (name) => fileURLToPath(new URL(`./sides/${name}`, import.meta.url));
const every = (names) => Object.fromEntries(names.map((name) => [name, 1]));

const networks = every(workloadGroups.networks);
const mlps = every(['mlp', 'mlp-sample', 'mlp-wide', 'mlp-wide-sample']);
const scoreMatching = every(workloadGroups['score-matching']);
const browser = every(workloadGroups.browser);
const noFilters = 'has no gradient of filters';

/**
 * The sides that are compared, `ours` before the others of a workload. `workloads` lists what a side
 * does; a number below 1 is the share of the batch that it does, and its time is divided by that
 * share. `cannot` says why a row stays empty, `slow` lists what a quick run leaves out unless it is
 * asked for. `prepare` gives the program and its settings, or a side that is open already, or the
 * reason why the side cannot run here. The numbers of a `rounded` side need not agree with ours.
 */
export const sides = [
  {
    id: 'ours',
    ours: true,
    label: 'ours, compiled by backend-onnx',
    workloads: { ...networks, ...scoreMatching },
    prepare: ({ threads }) => tweedie({ name: 'onnx', threads }),
  },
  {
    id: 'ours-spinning',
    label: 'ours, threads wait busily',
    // As PyTorch's and XLA's do by default.
    workloads: every(['mlp', 'mlp-sample', 'mlp-wide', 'mlp-wide-sample']),
    prepare: ({ threads }) => tweedie({ name: 'onnx', threads, spinning: true }),
  },
  {
    id: 'onnx-standard',
    label: 'ours, in standard ONNX operations',
    // The layout concerns convolutions.
    workloads: every(workloadGroups.networks.filter((name) => !name.startsWith('mlp'))),
    slow: ['unet64-train', 'unet64-sample'],
    prepare: ({ threads }) => tweedie({ name: 'onnx', threads, layout: 'standard' }),
  },
  {
    id: 'ours-int8',
    label: 'ours, convolutions in int8',
    workloads: every(['unet-sample', 'unet64-sample', 'cifar-forward']),
    rounded: true,
    prepare: ({ threads }) => tweedie({ name: 'onnx', threads, int8: true }),
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
    workloads: { ...networks, ...scoreMatching },
    prepare: (context) => pytorch(context, eager),
  },
  {
    id: 'pytorch-compile',
    label: 'PyTorch, torch.compile',
    workloads: networks,
    slow: ['unet-train', 'unet64-train', 'unet64-sample', 'cifar-forward'],
    prepare: (context) => pytorch(context, compiled),
  },
  {
    id: 'jax',
    label: 'JAX, jit',
    workloads: networks,
    slow: ['unet64-train', 'unet64-sample', 'cifar-forward'],
    async prepare({ threads }) {
      const { command, reason } = await findPython('jax');
      if (reason !== undefined) return { reason };
      const environment = { PYTHONDONTWRITEBYTECODE: '1', JAX_PLATFORMS: 'cpu' };
      return {
        program: { command, args: [path('jax_server.py'), String(threads)], environment },
      };
    },
  },
  {
    id: 'jax-js',
    label: 'jax-js, jit',
    workloads: mlps,
    prepare: ({ threads }) => ({
      program: { command: process.execPath, args: [path('jax.mjs'), String(threads)] },
    }),
  },
  {
    id: 'tfjs-node',
    label: 'tfjs-node, eager',
    workloads: { ...networks, ...scoreMatching },
    prepare: ({ temporary, threads }) => tfjsNode(temporary, threads),
  },
  {
    id: 'tfjs-wasm',
    label: 'tfjs wasm, eager',
    workloads: {
      ...mlps,
      'unet-sample': 1 / 8,
      'unet64-sample': 1 / 16,
      'cifar-forward': 1 / 4,
      ...scoreMatching,
    },
    cannot: { 'unet-train': noFilters, 'unet64-train': noFilters },
    slow: ['unet64-sample', 'cifar-forward'],
    prepare: ({ temporary }) => tfjs('wasm', temporary),
  },
  {
    id: 'tfjs-cpu',
    label: 'tfjs cpu, eager',
    // Plain loops in JavaScript: up to an hour a step, in proportion to the batch.
    workloads: {
      ...mlps,
      'mlp-wide': 1 / 8,
      'mlp-wide-sample': 1 / 4,
      'unet-train': 1 / 64,
      'unet-sample': 1 / 64,
      ...scoreMatching,
    },
    slow: ['unet-train', 'unet-sample'],
    prepare: ({ temporary }) => tfjs('cpu', temporary),
  },
  {
    id: 'browser-ours',
    ours: true,
    label: 'ours, compiled by backend-onnx to wasm',
    workloads: browser,
    prepare: (context) => page('page-tweedie.mjs', context),
  },
  {
    id: 'browser-ours-alone',
    label: 'ours to wasm, one thread',
    workloads: browser,
    prepare: (context) => page('page-tweedie.mjs', { ...context, threads: 1 }),
  },
  {
    id: 'browser-jax-js',
    label: 'jax-js, jit, in the browser',
    workloads: browser,
    prepare: (context) => page('page-jax.mjs', context),
  },
  {
    id: 'browser-tfjs',
    label: 'tfjs wasm in the browser, eager',
    workloads: browser,
    prepare: (context) => page('page-tfjs.mjs', context),
  },
  {
    id: 'browser-tfjs-alone',
    label: 'tfjs wasm in the browser, one thread',
    workloads: browser,
    prepare: (context) => page('page-tfjs.mjs', { ...context, threads: 1 }),
  },
];

function tweedie(backend) {
  const args = [path('tweedie.mjs'), JSON.stringify(backend)];
  return { program: { command: process.execPath, args } };
}

/** PyTorch as `tuning` opens it. */
async function pytorch(context, tuning) {
  const { command, reason } = await findPython('torch');
  if (reason !== undefined) return { reason };
  return tuning({ ...context, python: { command, script: path('torch_server.py') } });
}

/** What was chosen under a name or, in a quick run, for the workload that this one is tuned like. */
function choice({ quick, known, name, workload }, mode) {
  const chosen = (of) => known.get(`${mode} ${of}`);
  return chosen(name) ?? (quick ? chosen(workload.tunedLike) : undefined);
}

async function eager(context) {
  const result = await tuneEager({ ...context, turns: turns(context) }, choice(context, 'eager'));
  context.known.set(`eager ${context.name}`, result.chosen);
  return result;
}

/** From the settings that serve PyTorch best without the compiler. */
async function compiled(context) {
  if (choice(context, 'eager') === undefined) {
    const { opened } = await eager(context);
    await opened.side.end();
  }
  const from = choice(context, 'eager');
  const result = await tuneCompiled(
    { ...context, turns: turns(context) },
    from,
    choice(context, 'compiled'),
  );
  context.known.set(
    `compiled ${context.name}`,
    result.chosen.filter((change) => !from.includes(change)),
  );
  return result;
}

const turns = ({ quick }) => (quick ? 2 : 3);

/** A side that runs in Chromium. */
async function page(name, { temporary, threads }) {
  const chromium = findChromium();
  if (chromium === undefined) return { reason: 'not installed' };
  const script = await bundlePage(name, temporary);
  const args = [path('browser.mjs'), chromium, script, String(threads)];
  return { program: { command: process.execPath, args } };
}

async function tfjs(backend, temporary) {
  const { script, wasmFolder } = await bundleTfjs(temporary);
  return { program: { command: process.execPath, args: [script, backend, '1', wasmFolder] } };
}

/** TensorFlow's native library, which its package downloads when it is installed. */
async function tfjsNode(temporary, threads) {
  const entry = tfjsNodeEntry();
  if (entry === undefined) return { reason: 'not installed' };
  const { script } = await bundleTfjs(temporary);
  const environment = {
    OMP_NUM_THREADS: String(threads),
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: '1',
  };
  const args = [script, 'tensorflow', String(threads), entry];
  return { program: { command: process.execPath, args, environment } };
}

function tfjsNodeEntry() {
  try {
    return createRequire(import.meta.url).resolve('@tensorflow/tfjs-node');
  } catch {
    return undefined;
  }
}
