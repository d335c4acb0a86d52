// A line each: what is exported here is exported by the package and listed in `optimizers`.
export { adam } from './adam.js';
export { adamw } from './adamw.js';
export { sgd } from './sgd.js';
