// The networks of this package, a line each: what is exported here is exported by the package and
// listed in `networks`.
export { mlp } from './mlp.js';
export { refinenet } from './refinenet/refinenet.js';
export { refinenetV2 } from './refinenet/refinenet-v2.js';
export { unet2d } from './unet2d/unet2d.js';
