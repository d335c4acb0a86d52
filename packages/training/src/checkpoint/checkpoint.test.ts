import { createRng, floats, TweedieError } from '@tweedie/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../safetensors/decode.js';
import { encodeSafetensors } from '../safetensors/encode.js';
import type { TrainingState } from '../training-state.js';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.js';

const pieces = (value: number) => ({
  'layers.0.weight': floats([value, Number.NaN, 1 / 3, -0], [2, 2]),
  'layers.0.bias': floats([2 * value]),
});
const state: TrainingState = {
  step: 20,
  rng: createRng(2 ** 40 + 7).state(),
  config: { network: { name: 'mlp', options: { widths: [2, 'ü', null] } }, sha256: 'of a setting' },
  params: pieces(1),
  ema: pieces(2),
  slots: { mean: pieces(3), variance: pieces(4) },
};

describe('checkpoints', () => {
  it('come back as they were written', async () => {
    expect(await decodeCheckpoint(await encodeCheckpoint(state))).toEqual(state);
    const plain = { ...state, slots: {} };
    expect(await decodeCheckpoint(await encodeCheckpoint(plain))).toEqual(plain);
  });

  it('name their tensors for other tools', async () => {
    const { tensors, metadata } = decodeSafetensors(await encodeCheckpoint(state));
    expect(Object.keys(tensors).sort()).toEqual([
      'ema.layers.0.bias',
      'ema.layers.0.weight',
      'optimizer.mean.layers.0.bias',
      'optimizer.mean.layers.0.weight',
      'optimizer.variance.layers.0.bias',
      'optimizer.variance.layers.0.weight',
      'params.layers.0.bias',
      'params.layers.0.weight',
    ]);
    expect(metadata.step).toBe('20');
    expect(JSON.parse(metadata.config!)).toEqual(state.config);
  });

  it('are refused when any one bit of them differs', async () => {
    const whole = await encodeCheckpoint(state);
    for (let at = 0; at < whole.length; at++) {
      const bytes = whole.slice();
      bytes[at]! ^= 1 << (at % 8);
      await expect(decodeCheckpoint(bytes, "'a'"), `byte ${at}`).rejects.toThrow(
        /^\[training\] 'a'/,
      );
    }
  });

  it('are refused when they are cut at any byte, or go on too long', async () => {
    const whole = await encodeCheckpoint(state);
    for (let length = 0; length < whole.length; length++) {
      await expect(decodeCheckpoint(whole.slice(0, length)), `${length} bytes`).rejects.toThrow(
        expect.objectContaining({ code: 'CORRUPT_FILE' }),
      );
    }
    const longer = new Uint8Array(whole.length + 1);
    longer.set(whole);
    await expect(decodeCheckpoint(longer)).rejects.toThrow(
      'its tensors take 80 bytes, and it holds 81',
    );
  });

  it('are refused when blocks of them are lost', async () => {
    const whole = await encodeCheckpoint(state);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 512 }),
        async (at, n) => {
          const bytes = whole.slice().fill(0, at, at + n);
          fc.pre(bytes.some((byte, i) => byte !== whole[i]));
          const error: unknown = await decodeCheckpoint(bytes).catch((cause) => cause);
          expect(TweedieError.isInstance(error)).toBe(true);
        },
      ),
    );
  });

  it('are no other safetensors files', async () => {
    const other = encodeSafetensors({ 'params.a': floats([1]) }, { step: '1' });
    await expect(decodeCheckpoint(other)).rejects.toThrow(
      "it is not a checkpoint of the format 'tweedie-checkpoint-1'",
    );
  });
});
