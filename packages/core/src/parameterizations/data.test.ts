import { expect, it } from 'vitest';
import { dataPrediction } from './data.js';
import { testRow, testTimeInput } from './row.testing.js';

testRow(dataPrediction(), (_level, data) => data);
testTimeInput(dataPrediction);

it('holds at pure noise', () => {
  expect(dataPrediction().coefficients({ t: 1, alpha: 0, sigma: 1 })).toEqual({
    skip: 0,
    out: 1,
    in: 1,
    noise: 1,
  });
});
