import { expect, test } from 'vitest';
import { highest } from './limits.mjs';

test('of two measurements the higher rate of each operation counts, and the best of all', () => {
  const quiet = { rates: { product: 80, convolution: 90 }, multiplyAdds: 90, bandwidth: 10 };
  const busy = { rates: { product: 85, convolution: 40 }, multiplyAdds: 85, bandwidth: 12 };
  expect(highest(quiet, busy)).toEqual({
    rates: { product: 85, convolution: 90 },
    multiplyAdds: 90,
    bandwidth: 12,
  });
});
