import { setBackend, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { cpuBackend } from '@tweedie/backend-eager';
import { floats } from '@tweedie/core';
import { describe, expect, it } from 'vitest';
import { createTrainedLayout } from './trained-layout.js';

const network = {
  'linear.weight': floats([1, 2, 3, 4], [2, 2]),
  'linear.bias': floats([5, 6]),
  'conv.weight': floats([7, 8], [1, 1, 2, 1]),
  gain: floats([9], []),
};
const own = { gain: floats([10], []), 'table.weight': floats([11, 12], [2, 1]) };
const alone = createTrainedLayout({ network });
const both = createTrainedLayout({ network, own });

describe('the layout of what is trained', () => {
  it('is one vector, from which all parameters come back', () => {
    expect([...alone.pack({ network })]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...both.pack({ network, own })]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect([alone.size, both.size]).toEqual([9, 12]);
    expect(alone.unpackHost(alone.pack({ network }))).toEqual({ network });
    expect(both.unpackHost(both.pack({ network, own }))).toEqual({ network, own });
  });

  it('is the same of tensors', async () => {
    await setBackend(cpuBackend().tensorBackend);
    tidy(() => {
      const vector = tensor1d(both.pack({ network, own }));
      for (const [expected, pieces] of [
        [network, both.unpackNetwork(vector)],
        [own, both.unpackOwn(vector)],
        [network, alone.unpackNetwork(tensor1d(alone.pack({ network })))],
        [{}, alone.unpackOwn(vector)],
      ] as const) {
        const found = Object.entries(pieces).map(([name, piece]) => [
          name,
          floats([...piece.dataSync()], piece.shape),
        ]);
        expect(Object.fromEntries(found)).toEqual(expected);
      }
    });
  });

  it('decays matrices and filters, and neither biases, norms nor scalars', () => {
    expect([...alone.decayMask()]).toEqual([1, 1, 1, 1, 0, 0, 1, 1, 0]);
    expect([...both.decayMask()]).toEqual([1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]);
  });

  it("refuses a loss's parameters where there are none, and the lack of them", () => {
    expect(() => alone.pack({ network, own })).toThrow(
      "the snapshot holds parameters of a loss's own, and this loss has none",
    );
    expect(() => both.pack({ network })).toThrow(
      "the snapshot lacks parameters of a loss's own, and this loss has some",
    );
    expect(() => both.pack({ network, own: { gain: own.gain } })).toThrow(
      "'table.weight' is missing",
    );
  });
});
