import { mlp } from './mlp.js';
import { unet2d } from './unet2d/unet2d.js';

export type { DeclaredNetwork } from './declared-network.js';
export { createDenoiser, type DenoiserOptions, type ModelDenoiser } from './denoiser.js';
export { mlp, unet2d };

/** All networks, for registries. */
export const networks = [mlp, unet2d] as const;
