// All that needs the built packages.
export { limits } from './limits.mjs';
export { measureShipped } from './shipped.mjs';
export { sit } from './sitting.mjs';
