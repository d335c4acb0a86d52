// Everything that needs the built packages, so that it is imported after the command line is read.
export { highest, limits } from './limits.mjs';
export { measureWorkload } from './measure-workload.mjs';
export { measureShipped } from './shipped.mjs';
