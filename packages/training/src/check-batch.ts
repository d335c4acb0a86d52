import { type Batch, checkLabels, type Network, TweedieError } from '@tweedie/core';

/**
 * Checks what a dataset gave: its shape, that every number is finite, and that every label is one of
 * the network's classes, where it has some.
 *
 * @param shape what x has to be, with the batch axis
 * @param subject whose batch it is, for the message
 * @throws TweedieError INVALID_SHAPE, NOT_FINITE, INVALID_VALUE
 */
export function checkBatch(
  batch: Batch,
  shape: readonly number[],
  { name, classes = 0 }: Network,
  subject: string,
): void {
  if (batch.x.shape.join() !== shape.join()) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'training',
      given: `${subject} has the shape [${batch.x.shape.join(', ')}]`,
      allowed: `[${shape.join(', ')}], the batch size and the network's item shape`,
    });
  }
  if (batch.label !== undefined && batch.label.shape.join() !== String(shape[0])) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'training',
      given: `the labels of ${subject} have the shape [${batch.label.shape.join(', ')}]`,
      allowed: `[${shape[0]}], one label an item`,
    });
  }
  if (batch.label !== undefined && classes > 0) {
    checkLabels(batch.label.data, {
      package: 'training',
      of: ` of ${subject}`,
      owner: `network '${name}'`,
      classes,
      fix: 'mend the labels, or make the network with as many classes as the data has',
    });
  }
  const values = batch.x.data;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    throw new TweedieError({
      code: 'NOT_FINITE',
      package: 'training',
      given: `item ${Math.floor((i * shape[0]!) / values.length)} of ${subject} holds ${values[i]}`,
      allowed: 'finite numbers',
      fix: 'mend the data; training on it would make every parameter NaN',
    });
  }
}
