import * as factories from './optimizers.js';

export * from './optimizers.js';

/** All optimizers, for registries. */
export const optimizers = Object.values(factories);
