// The data sets that need no files, a line each: what is exported here is exported by the package and
// listed in `datasets`.
export { checkerboard } from './checkerboard.js';
export { eightGaussians } from './eight-gaussians.js';
export { gaussianMixture } from './gaussian-mixture.js';
export { ncsnMixture } from './ncsn-mixture.js';
export { pinwheel } from './pinwheel.js';
export { rings } from './rings.js';
export { spirals } from './spirals.js';
export { swissRoll } from './swiss-roll.js';
export { twoMoons } from './two-moons.js';
