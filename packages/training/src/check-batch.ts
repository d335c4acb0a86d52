import { type Batch, TweedieError } from '@tweedie/core';

/**
 * Checks what a dataset gave: its shape, and that every number is finite.
 *
 * @param shape what x has to be, with the batch axis
 * @param subject whose batch it is, for the message
 * @throws TweedieError INVALID_SHAPE, NOT_FINITE
 */
export function checkBatch(batch: Batch, shape: readonly number[], subject: string): void {
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
