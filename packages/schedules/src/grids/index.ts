import { constant } from './constant.js';
import { full } from './full.js';
import { leading } from './leading.js';
import { linspace } from './linspace.js';
import { times } from './times.js';
import { trailing } from './trailing.js';

export { constantGrid } from './constant.js';
export { fullGrid } from './full.js';
export type { FinalLevel } from './grid-options.js';
export { leadingGrid } from './leading.js';
export { linspaceGrid } from './linspace.js';
export { repeatLevels } from './repeat-levels.js';
export { gridFromTimes } from './times.js';
export { trailingGrid } from './trailing.js';

/** All grids, for registries. */
export const grids = [leading, trailing, linspace, full, times, constant] as const;
