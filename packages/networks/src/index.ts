import { mlp } from './mlp.js';
import { refinenet } from './refinenet/refinenet.js';
import { refinenetV2 } from './refinenet/refinenet-v2.js';
import { unet2d } from './unet2d/unet2d.js';

export type { DeclaredNetwork } from './declared-network.js';
export { mlp, refinenet, refinenetV2, unet2d };

/** All networks, for registries. */
export const networks = [mlp, unet2d, refinenet, refinenetV2] as const;
