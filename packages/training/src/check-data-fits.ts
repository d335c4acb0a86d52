import { type Dataset, type Model, TweedieError } from '@tweedie/core';

/**
 * Checks that a network can be trained on a data set, before anything is computed: the shape of its
 * items, and its classes where the network is conditioned on them. A network may have more classes
 * than the data, for labels that stand for none.
 *
 * @throws TweedieError INVALID_SHAPE, INVALID_VALUE
 */
export function checkDataFits({ network }: Pick<Model, 'network'>, data: Dataset): void {
  const shapes = [network.itemShape, data.itemShape].map((shape) => `[${shape.join(', ')}]`);
  if (shapes[0] !== shapes[1]) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'training',
      given: `network '${network.name}' takes items of shape ${shapes[0]} and data '${data.name}' has ${shapes[1]}`,
      allowed: 'a network whose items have the shape of the data',
    });
  }
  const { classes = 0 } = network;
  if (classes === 0 || (data.classes > 0 && data.classes <= classes)) return;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'training',
    given: `network '${network.name}' has ${classes} classes and data '${data.name}' has ${data.classes === 0 ? 'no labels' : data.classes}`,
    allowed: 'data with labels of at most as many classes as the network has',
    fix:
      data.classes === 0
        ? 'take data with labels, or a network without classes'
        : `make the network with ${data.classes} classes`,
  });
}
