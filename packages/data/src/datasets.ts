import { checkerboard } from './checkerboard.js';
import { eightGaussians } from './eight-gaussians.js';
import { gaussianMixture, ncsnMixture } from './gaussian-mixture.js';
import { pinwheel } from './pinwheel.js';
import { rings } from './rings.js';
import { spirals } from './spirals.js';
import { swissRoll } from './swiss-roll.js';
import { twoMoons } from './two-moons.js';

/** All datasets that need no files, for registries. */
export const datasets = [
  gaussianMixture,
  ncsnMixture,
  eightGaussians,
  twoMoons,
  swissRoll,
  pinwheel,
  checkerboard,
  rings,
  spirals,
] as const;
