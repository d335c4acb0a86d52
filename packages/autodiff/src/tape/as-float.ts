import { cast, type Tensor } from '@tensorflow/tfjs-core';

/**
 * A kernel's input as its derivative needs it. tfjs computes with whole numbers and booleans in their
 * own type, so that 1/x of an int32 x is 0 or 1, −∞ becomes 0, and squares leave the range.
 */
export const asFloat = (t: Tensor): Tensor => (t.dtype === 'float32' ? t : cast(t, 'float32'));
