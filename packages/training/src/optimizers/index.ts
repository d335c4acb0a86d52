import { adam } from './adam.js';
import { adamw } from './adamw.js';
import { sgd } from './sgd.js';

export { adam, adamw, sgd };

/** All optimizers, for registries. */
export const optimizers = [adamw, adam, sgd] as const;
