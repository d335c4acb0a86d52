// The side of jax-js in Node.
import { serve } from './serve.mjs';

// jax-js asks it at start for its threads, and Node 20 has none.
globalThis.navigator ??= { userAgent: 'node', hardwareConcurrency: Number(process.argv[2]) };
const { side } = await import('./jax-side.mjs');
serve(side);
