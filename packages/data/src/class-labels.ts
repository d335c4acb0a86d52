import { TweedieError } from '@tweedie/core';

/**
 * Checks the labels of items.
 *
 * @param classes number of classes; undefined for the largest label plus one
 * @returns the number of classes
 * @throws TweedieError INVALID_SHAPE when there is not one for each item, INVALID_VALUE for a label
 * that is no class number
 */
export function checkClassLabels(
  name: string,
  labels: ArrayLike<number>,
  items: number,
  classes?: number,
): number {
  if (labels.length !== items) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'data',
      given: `${name}: there are ${items} items and ${labels.length} labels`,
      allowed: 'one label for each item',
      fix: 'pass the labels that belong to these items',
    });
  }
  let largest = -1;
  for (let item = 0; item < labels.length; item++) {
    const label = labels[item]!;
    if (!Number.isInteger(label) || label < 0 || (classes !== undefined && label >= classes)) {
      throw new TweedieError({
        code: 'INVALID_VALUE',
        package: 'data',
        given: `${name}: the label of item ${item} is ${label}`,
        allowed:
          classes === undefined
            ? 'whole numbers of at least 0'
            : `whole numbers 0 to ${classes - 1}`,
      });
    }
    largest = Math.max(largest, label);
  }
  return classes ?? largest + 1;
}
