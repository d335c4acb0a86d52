import { describe, expect, it } from 'vitest';
import { checkLabels } from './labels.js';

const check = (labels: ArrayLike<number> | number, classes: number) => () =>
  checkLabels(labels, {
    package: 'core',
    of: ' of the batch',
    owner: "network 'mlp'",
    classes,
    fix: 'mend them',
  });

describe('checkLabels', () => {
  it('takes every class', () => {
    expect(check([0, 9, 5], 10)).not.toThrow();
    expect(check(9, 10)).not.toThrow();
    expect(check([2 ** 24 - 1], Number.POSITIVE_INFINITY)).not.toThrow();
    expect(check(Int32Array.of(0, 1), 2)).not.toThrow();
  });

  it.each([10, -1, 0.5, 3e9, Number.NaN, Number.POSITIVE_INFINITY])(
    'names the item of label %d, the classes and what to do',
    (label) => {
      expect(check([3, label, 4], 10)).toThrow(
        `[core] the label of item 1 of the batch is ${label}, and network 'mlp' has 10 classes. Allowed: whole numbers from 0 to 9. Fix: mend them.`,
      );
      expect(check(label, 10)).toThrow(` of the batch is ${label}, and`);
    },
  );

  it('bounds the classes of what takes any', () => {
    expect(check([3e9], Number.POSITIVE_INFINITY)).toThrow(
      'the label of item 0 of the batch is 3000000000. Allowed: whole numbers from 0 to 16777215.',
    );
  });
});
