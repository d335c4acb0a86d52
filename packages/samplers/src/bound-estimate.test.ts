import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend, tensor } from '@tensorflow/tfjs-core';
import { expectNoLeak } from '@tweedie/autodiff';
import { beforeAll, describe, expect, it } from 'vitest';
import { createBound } from './bound-estimate.js';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const none = { clip: null, threshold: null, thresholdMax: null };

async function bounded(
  options: Parameters<typeof createBound>[1],
  values: number[],
  shape: number[],
): Promise<number[]> {
  const estimate = tensor(values, shape);
  const result = await createBound('test', options)(estimate);
  const out = [...(await result.data())];
  result.dispose();
  if (!estimate.isDisposed) estimate.dispose();
  return out;
}

function expectClose(values: number[], wanted: number[]): void {
  expect(values).toHaveLength(wanted.length);
  wanted.forEach((value, i) => {
    expect(values[i]).toBeCloseTo(value, 5);
  });
}

describe('createBound', () => {
  it('without bounds gives the estimate itself', async () => {
    const estimate = tensor([3, -4], [1, 2]);
    expect(await createBound('test', none)(estimate)).toBe(estimate);
    estimate.dispose();
  });

  it('clips to ± clip', async () => {
    expectClose(await bounded({ ...none, clip: 1.5 }, [-3, 0.5, 1.6], [1, 3]), [-1.5, 0.5, 1.5]);
  });

  it('divides by the quantile of |x|, for each item by its own', async () => {
    // |x| sorted: 0 1 2 3 4; the median is 2. The second item is within ±1 and stays.
    const values = [0, -1, 2, -3, 4, 0.1, -0.2, 0.3, 0.4, -0.5];
    expectClose(
      await bounded({ ...none, threshold: 0.5 }, values, [2, 5]),
      [0, -0.5, 1, -1, 1, 0.1, -0.2, 0.3, 0.4, -0.5],
    );
  });

  it('interpolates between ranks as torch.quantile does', async () => {
    // Rank 0.9·4 = 3.6 between 3 and 4: s = 3.6, over [H, W, C] items too.
    expectClose(await bounded({ ...none, threshold: 0.9 }, [0, -1, 2, -3, 4], [1, 5, 1, 1]), [
      0,
      -1 / 3.6,
      2 / 3.6,
      -3 / 3.6,
      1,
    ]);
  });

  it('divides by thresholdMax at most', async () => {
    // diffusers' default, 1, makes it plain clipping.
    const options = { ...none, threshold: 0.995, thresholdMax: 1 };
    expectClose(await bounded(options, [0, -1, 2, -3, 4], [1, 5]), [0, -1, 1, -1, 1]);
  });

  it('treats a quantile of 1 as the largest', async () => {
    expectClose(await bounded({ ...none, threshold: 1 }, [1, -8], [1, 2]), [0.125, -1]);
  });

  it('leaves no tensor behind', async () => {
    await expectNoLeak(() => bounded({ ...none, threshold: 0.5 }, [1, 2], [1, 2]));
    await expectNoLeak(() => bounded({ ...none, clip: 1 }, [1, 2], [1, 2]));
  });

  it('refuses both kinds at once', () => {
    expect(() => createBound('test', { clip: 1, threshold: 0.9, thresholdMax: null })).toThrow(
      /both clip and threshold/,
    );
  });
});
