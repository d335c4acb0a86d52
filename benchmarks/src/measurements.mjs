// All that needs the built packages.
export { highest, limits } from './limits.mjs';
export { measureShipped } from './shipped.mjs';
export { sit } from './sitting.mjs';
