/** Normal noise of a network's shape, for where it does not matter what is learned. */
export function noiseData({ itemShape }) {
  return {
    name: 'noise',
    config: {},
    itemShape,
    size: Number.POSITIVE_INFINITY,
    classes: 0,
    batch: (rng, step, batchSize) => ({ x: rng.fork(step).normal([batchSize, ...itemShape]) }),
  };
}
