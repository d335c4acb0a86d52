import type { Tensor1D } from '@tensorflow/tfjs-core';
import { toTensor } from '@tweedie/autodiff';
import { type IntArray, ints, TweedieError } from '@tweedie/core';

/** The class to denoise towards: one for all items, or one for each, int32 [B]. */
export type Label = number | IntArray;

/**
 * Checks labels against the classes of a network; 0 classes take no label, Infinity any.
 *
 * @throws TweedieError INVALID_VALUE
 */
export function checkLabel(label: Label | undefined, classes: number): void {
  if (classes === 0) {
    if (label === undefined) return;
    throw refusal('a label was given to a network without classes', 'no label');
  }
  const allowed = `a whole number${Number.isFinite(classes) ? ` from 0 to ${classes - 1}` : ' of at least 0'}`;
  if (label === undefined) {
    throw refusal(
      'the network is conditioned on a class and no label was given',
      allowed,
      'pass label: one for all items, or one for each',
    );
  }
  for (const value of typeof label === 'number' ? [label] : label.data) {
    if (Number.isInteger(value) && value >= 0 && value < classes) continue;
    throw refusal(`the label is ${value}`, allowed);
  }
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
