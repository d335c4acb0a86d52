import { type Draws, type Model, type Rng, recordOf, type TensorDraws } from '@tweedie/core';

/** Names of the network's dropout masks in the draws begin with this. */
const prefix = 'dropout.';

/** The masks of a network that has dropout, as draws of a loss. */
export function drawDropout({ network }: Model, count: number, rng: Rng): Draws {
  const masks = network.dropoutMasks?.(rng, count) ?? {};
  return recordOf(Object.entries(masks).map(([name, mask]) => [`${prefix}${name}`, mask]));
}

/** The masks among the draws, by the network's names; undefined when there are none. */
export function dropoutOf(draws: TensorDraws): TensorDraws | undefined {
  const masks = Object.entries(draws).filter(([name]) => name.startsWith(prefix));
  if (masks.length === 0) return undefined;
  return recordOf(masks.map(([name, mask]) => [name.slice(prefix.length), mask]));
}
