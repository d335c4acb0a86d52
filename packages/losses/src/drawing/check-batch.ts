import { type Batch, checkLabels, type Model, TweedieError } from '@tweedie/core';

/**
 * Checks that a batch fits the network of a model.
 *
 * @param id the loss that asks; begins the message
 * @returns the number of items
 * @throws TweedieError INVALID_SHAPE; INVALID_VALUE for a label that is none of the network's classes
 */
export function checkBatch(id: string, { network }: Model, { x, label }: Batch): number {
  const [count = 0, ...itemShape] = x.shape;
  const refuse = (given: string, allowed: string): never => {
    throw new TweedieError({ code: 'INVALID_SHAPE', package: 'losses', given, allowed });
  };
  if (count < 1 || itemShape.join() !== network.itemShape.join()) {
    refuse(
      `${id}: the batch has the shape [${x.shape.join(', ')}]`,
      `[B, ${network.itemShape.join(', ')}] with network ${network.name}, B at least 1`,
    );
  }
  if (label !== undefined && label.shape.join() !== String(count)) {
    refuse(
      `${id}: the labels have the shape [${label.shape.join(', ')}]`,
      `[${count}], one for each item`,
    );
  }
  const { classes = 0, name } = network;
  if (label !== undefined && classes > 0) {
    checkLabels(label.data, {
      package: 'losses',
      of: ' of the batch',
      owner: `network '${name}'`,
      classes,
      fix: 'make the network with as many classes as the data has',
    });
  }
  return count;
}
