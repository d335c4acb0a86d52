import '@tensorflow/tfjs-backend-cpu';
import { type Backend, defineFactory, type PureFunction } from '@tweedie/core';
import { runOn } from './compile.js';

/** Plain JavaScript, one operation at a time: works everywhere, slowly; the others are compared with it. */
export const cpuBackend = defineFactory({
  owner: 'backend-eager',
  id: 'cpu',
  doc: 'plain JavaScript, everywhere and slow',
  options: {},
  create: (): Omit<Backend, 'name'> => ({
    tensorBackend: 'cpu',
    describe: () => ({ name: 'cpu', kind: 'eager', device: 'cpu', details: {} }),
    compile: <F extends PureFunction>(fn: F) => runOn('cpu', fn),
    capabilities: {},
    dispose: async () => {},
  }),
});
