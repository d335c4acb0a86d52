import * as factories from './weightings.js';

export { defineWeighting, type Weighting } from './weighting.js';
export * from './weightings.js';

/** All weightings, for registries. */
export const weightings = Object.values(factories);
