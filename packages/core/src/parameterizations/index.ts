import * as factories from './parameterizations.js';

export { conditionOn, type TimeInput, timeInput } from './condition-on.js';
export * from './parameterizations.js';

/** All parameterizations, for registries. */
export const parameterizations = Object.values(factories);
