import type { Tensor1D } from '@tensorflow/tfjs-core';
import { toTensor } from '@tweedie/autodiff';
import { checkLabels, type IntArray, ints, type Network, TweedieError } from '@tweedie/core';

/** The class to denoise towards: one for all items, or one for each, int32 [B]. */
export type Label = number | IntArray;

/**
 * Checks labels against the classes of a network; Infinity takes any.
 *
 * @throws TweedieError INVALID_VALUE
 */
export function checkLabel(label: Label | undefined, { name, classes = 0 }: Network): void {
  if (classes === 0) {
    if (label === undefined) return;
    throw refusal(`a label was given to network '${name}', which takes none`, 'no label');
  }
  if (label === undefined) {
    throw refusal(
      `network '${name}' is conditioned on a class and no label was given`,
      Number.isFinite(classes) ? `a whole number from 0 to ${classes - 1}` : 'a whole number',
      'pass label: one for all items, or one for each',
    );
  }
  const isOne = typeof label === 'number';
  checkLabels(isOne ? label : label.data, {
    package: 'denoisers',
    of: isOne ? 'the label' : '',
    owner: `network '${name}'`,
    classes,
    fix: 'pass the number of a class, counted from 0',
  });
}

/**
 * The label of each item, int32 [B].
 *
 * @throws TweedieError INVALID_SHAPE when there is neither one label nor one for each item
 */
export function labelTensor(label: Label, batchSize: number): Tensor1D {
  if (typeof label === 'object' && label.shape.join() !== String(batchSize)) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'denoisers',
      given: `the labels have the shape [${label.shape.join(', ')}] and there are ${batchSize} items`,
      allowed: 'one label for each item, or one number for all',
    });
  }
  const perItem = typeof label === 'number' ? Array<number>(batchSize).fill(label) : label.data;
  return toTensor(ints(perItem)) as Tensor1D;
}

function refusal(given: string, allowed: string, fix?: string): TweedieError {
  return new TweedieError({
    code: 'INVALID_VALUE',
    package: 'denoisers',
    given,
    allowed,
    ...(fix === undefined ? {} : { fix }),
  });
}
