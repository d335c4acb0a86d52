// A line each: what is exported here is exported by the package and listed in `schedules`.
export { fromBetas } from './betas.js';
export { cosine } from './cosine.js';
export { geometric } from './geometric.js';
export { laplace } from './laplace.js';
export { linear } from './linear.js';
export { scaledLinear } from './scaled-linear.js';
export { sigmoid } from './sigmoid.js';
export { subVp } from './sub-vp.js';
export { ve } from './ve.js';
export { vp } from './vp.js';
