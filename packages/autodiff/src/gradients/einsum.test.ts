import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describeGradients, type GradientCase } from '../finite-differences.testing.js';
import { einsumGradients } from './einsum.js';

const extents: Record<string, number> = { b: 2, i: 3, j: 2, k: 4, h: 2 };
const equations = [
  'ij,jk->ik',
  'bij,bkj->bik',
  'bhij,bhkj->bhik',
  'bi,bi->b',
  'i,j->ij',
  'ij,jk->i',
  'bij, bj -> bi',
  'ij->ji',
  'ij->i',
  'i,i->',
  'ij,ij->',
  'ij->',
];

const cases = Object.fromEntries(
  equations.map((equation): [string, GradientCase] => {
    const terms = equation.replaceAll(' ', '').split('->')[0]!.split(',');
    return [
      equation,
      {
        fn: (...x) => tf.square(tf.einsum(equation, ...x)),
        shapes: terms.map((term) => [...term].map((index) => extents[index]!)),
      },
    ];
  }),
);

describeGradients('gradients of einsum', einsumGradients, cases);
