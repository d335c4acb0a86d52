import { checkLabels, mostClasses, TweedieError } from '@tweedie/core';

/**
 * Checks the labels of items.
 *
 * @param classes number of classes; undefined for the largest label plus one
 * @returns the number of classes
 * @throws TweedieError INVALID_SHAPE when there is not one for each item, INVALID_VALUE for a label
 * that is no class number, or a number of classes that is none
 */
export function checkClassLabels(
  name: string,
  labels: ArrayLike<number>,
  items: number,
  classes?: number,
): number {
  if (classes !== undefined && !(Number.isInteger(classes) && classes >= 1)) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'data',
      given: `${name}: the number of classes is ${classes}`,
      allowed: `a whole number from 1 to ${mostClasses}`,
    });
  }
  if (labels.length !== items) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'data',
      given: `${name}: there are ${items} items and ${labels.length} labels`,
      allowed: 'one label for each item',
      fix: 'pass the labels that belong to these items',
    });
  }
  checkLabels(labels, {
    package: 'data',
    of: ` of ${name}`,
    owner: 'the data set',
    classes: classes ?? Number.POSITIVE_INFINITY,
    fix: 'number the classes 0, 1, 2 and so on',
  });
  if (classes !== undefined) return classes;
  let largest = -1;
  for (let item = 0; item < labels.length; item++) largest = Math.max(largest, labels[item]!);
  return largest + 1;
}
