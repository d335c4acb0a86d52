import { defineWeighting } from './weighting.js';

/** 1: the plain error of x₀. */
export const dataWeighting = defineWeighting({
  owner: 'losses',
  id: 'data',
  doc: '1: the plain error of x₀',
  options: {},
  weight: () => 1,
});
