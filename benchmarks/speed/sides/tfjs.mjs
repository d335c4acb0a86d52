// The side of plain tfjs, eager, on its backend 'cpu', 'wasm' or 'tensorflow' (tfjs-node). It is
// bundled before it runs, because Node refuses tfjs-core's gradients as they are published.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { serve } from './serve.mjs';
import { createSide } from './tfjs-side.mjs';

const [backend, threads, place] = process.argv.slice(2);
// What shares the engine of the bundle through the global scope, as all copies of tfjs do.
if (backend === 'tensorflow') createRequire(place)(place);
if (backend === 'wasm') setWasmPaths(join(place, '/'));
// In Node neither of tfjs's own backends has threads.
serve(createSide(backend, { threads: backend === 'tensorflow' ? Number(threads) : 1 }));
