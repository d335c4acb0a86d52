import { createParameterLayout } from '@tweedie/autodiff';
import { floats } from '@tweedie/core';
import { expect, it } from 'vitest';
import { decayMask } from './decay-mask.js';

it('decays matrices and filters, and neither biases, norms nor scalars', () => {
  const layout = createParameterLayout({
    'linear.weight': floats([1, 2, 3, 4], [2, 2]),
    'linear.bias': floats([5, 6]),
    'conv.weight': floats([7, 8], [1, 1, 2, 1]),
    gain: floats([9], []),
  });
  expect([...decayMask(layout)]).toEqual([1, 1, 1, 1, 0, 0, 1, 1, 0]);
});
