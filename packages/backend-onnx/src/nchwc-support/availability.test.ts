import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import { blockSize, nchwcIsRight } from './availability.js';
import { nchwcAgrees } from './self-test.js';

beforeAll(() => setBackend('cpu'));

describe('blocked convolutions', () => {
  it('have a block of whole vector registers, or are not there', async () => {
    expect([0, 4, 8, 16]).toContain(await blockSize());
  });

  it('pass the self-test with the probed size, and with no other', async () => {
    const size = await blockSize();
    if (size === 0) return;
    expect(await nchwcIsRight()).toBe(true);
    expect(await nchwcAgrees(size === 16 ? 8 : 16)).toBe(false);
  });
});
