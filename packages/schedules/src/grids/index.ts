import * as factories from './grids.js';

export { constantGrid } from './constant.js';
export { fullGrid } from './full.js';
export { type FinalLevel, finalOption, requireSteps, stepsOption } from './grid-options.js';
export { leadingGrid } from './leading.js';
export { linspaceGrid } from './linspace.js';
export { repeatLevels } from './repeat-levels.js';
export { gridFromTimes } from './times.js';
export { trailingGrid } from './trailing.js';

/** All grids, for registries. */
export const grids = Object.values(factories);
