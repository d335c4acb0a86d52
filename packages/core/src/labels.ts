import { TweedieError } from './errors.js';

/** Class numbers stay below this: float32, which tables of data hold, has every whole number up to it. */
export const mostClasses = 2 ** 24;

export interface LabelCheck {
  /** Who asks, for the message: 'training'. */
  readonly package: string;
  /** What follows 'the label of item 3': ' of the batch of step 7'; of one number what it is: 'nullLabel'. */
  readonly of: string;
  /** Whose classes they are: "network 'mlp'". */
  readonly owner: string;
  /** How many there are; Infinity where any class is taken. */
  readonly classes: number;
  readonly fix: string;
}

/**
 * Checks that labels are classes: whole numbers from 0 to the number of classes − 1, at most 2²⁴ − 1.
 *
 * @param labels one for each item, or one number for all
 * @throws TweedieError INVALID_VALUE that names the item and the number of classes
 */
export function checkLabels(labels: ArrayLike<number> | number, check: LabelCheck): void {
  const most = Math.min(check.classes, mostClasses) - 1;
  const fits = (label: number) => Number.isInteger(label) && label >= 0 && label <= most;
  const refuse = (label: number, subject: string): never => {
    const { classes, owner } = check;
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: check.package,
      given: `${subject} is ${label}${
        Number.isFinite(classes) ? `, and ${owner} has ${classes} classes` : ''
      }`,
      allowed: `whole numbers from 0 to ${most}`,
      fix: check.fix,
    });
  };
  if (typeof labels === 'number') {
    if (!fits(labels)) refuse(labels, check.of);
    return;
  }
  for (let item = 0; item < labels.length; item++) {
    if (!fits(labels[item]!)) refuse(labels[item]!, `the label of item ${item}${check.of}`);
  }
}
