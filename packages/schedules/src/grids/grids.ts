// The grids by name, a line each: what is exported here is listed in `grids`.
export { constant } from './constant.js';
export { full } from './full.js';
export { leading } from './leading.js';
export { linspace } from './linspace.js';
export { times } from './times.js';
export { trailing } from './trailing.js';
