import '@tensorflow/tfjs-backend-cpu';
import { mean, setBackend, square, type Tensor } from '@tensorflow/tfjs-core';
import { conv2d } from '@tweedie/autodiff';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { normal } from '../agreement.testing.js';

beforeAll(() => setBackend('cpu'));
afterEach(() => vi.resetModules());

/** The backend as it is on a processor whose probe gives this block size. */
async function backendWith(blockSize: number, layout: 'auto' | 'blocked') {
  vi.doMock('../nchwc-support/probe.js', () => ({ probeBlockSize: async () => blockSize }));
  const { onnxBackend } = await import('../backend.js');
  return onnxBackend({ threads: 1, layout });
}

const image = normal(16, 5, 5, 16);
const filter = normal(16, 16, 3, 3);
const energy = (x: Tensor, w: Tensor) => mean(square(conv2d(x, w, undefined, { padding: 1 })));

// 32 is the block size of no processor, so the self-test fails.
it.each([0, 32])(
  'without blocked convolutions (probe: %i) the standard ones serve',
  async (size) => {
    const backend = await backendWith(size, 'auto');
    const result = await backend.compile(energy)(image, filter);
    const [expected] = await energy(image, filter).data();
    expect((await result.data())[0]! / expected!).toBeCloseTo(1, 5);
    await backend.dispose();
  },
);

it.each([0, 32])("without them (probe: %i) the layout 'blocked' is refused", async (size) => {
  const backend = await backendWith(size, 'blocked');
  await expect(backend.compile(energy)(image, filter)).rejects.toThrow(
    /'blocked' does not work with this processor/,
  );
});
