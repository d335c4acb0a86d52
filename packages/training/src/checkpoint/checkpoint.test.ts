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

/** A checkpoint as another program may write it: with one more tensor, or other metadata. */
async function withTensor(name?: string, more: Record<string, string> = {}): Promise<Uint8Array> {
  const file = decodeSafetensors(await encodeCheckpoint(state));
  const { sha256: _, ...metadata } = file.metadata;
  const added = name === undefined ? [] : [[name, floats([1])] as const];
  const bytes = encodeSafetensors(Object.fromEntries([...Object.entries(file.tensors), ...added]), {
    sha256: '0'.repeat(64),
    ...metadata,
    ...more,
  });
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  bytes.set(new TextEncoder().encode(hex), 8 + '{"__metadata__":{"sha256":"'.length);
  return bytes;
}

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

  it("hold the loss's own parameters under names of their own", async () => {
    const own = { params: pieces(5), ema: pieces(6), slots: { mean: pieces(7) } };
    const bytes = await encodeCheckpoint({ ...state, loss: own });
    expect(await decodeCheckpoint(bytes)).toEqual({ ...state, loss: own });
    const names = Object.keys(decodeSafetensors(bytes).tensors);
    expect(names.filter((name) => name.startsWith('loss.')).sort()).toEqual([
      'loss.ema.layers.0.bias',
      'loss.ema.layers.0.weight',
      'loss.optimizer.mean.layers.0.bias',
      'loss.optimizer.mean.layers.0.weight',
      'loss.params.layers.0.bias',
      'loss.params.layers.0.weight',
    ]);
    // A network's parameter may have any name.
    const named = { ...state, params: { 'loss.params.a': floats([1]) } };
    expect(await decodeCheckpoint(await encodeCheckpoint(named))).toEqual(named);
  });

  it.each(['__proto__', 'constructor', 'toString'])(
    'take %s for a name like any other',
    async (name) => {
      const before = [
        Object.getOwnPropertyNames(Object.prototype),
        Object.getOwnPropertyNames(Object),
      ];
      const odd = Object.fromEntries([
        [name, floats([1])],
        ['assign', floats([2])],
      ]);
      const part = {
        params: odd,
        ema: odd,
        slots: Object.fromEntries([[name, Object.fromEntries([['assign', floats([3])]])]]),
      };
      const decoded = await decodeCheckpoint(
        await encodeCheckpoint({ ...state, ...part, loss: part }),
      );
      for (const { params, ema, slots } of [decoded, decoded.loss!]) {
        for (const record of [params, ema, slots, slots[name]!]) {
          expect(Object.getPrototypeOf(record)).toBeNull();
        }
        expect(Object.keys(params).sort()).toEqual([name, 'assign'].sort());
        expect(ema[name]).toEqual(floats([1]));
        expect(Object.keys(slots)).toEqual([name]);
        expect(slots[name]!.assign).toEqual(floats([3]));
      }
      expect([
        Object.getOwnPropertyNames(Object.prototype),
        Object.getOwnPropertyNames(Object),
      ]).toEqual(before);
      expect(Object.assign).toBeTypeOf('function');
    },
  );

  it.each([
    ['optimizer.__proto__.x', 'x'],
    ['optimizer.constructor.assign', 'assign'],
  ])('reach nothing but themselves by a tensor named %s', async (name, last) => {
    const before = Object.getOwnPropertyDescriptors(Object.prototype);
    const { assign } = Object;
    const decoded = await decodeCheckpoint(await withTensor(name));
    const [, slot] = name.split('.') as [string, string];
    expect(Object.keys(decoded.slots).sort()).toEqual([...Object.keys(state.slots), slot].sort());
    expect(decoded.slots[slot]![last]).toEqual(floats([1]));
    expect(Object.getOwnPropertyDescriptors(Object.prototype)).toEqual(before);
    expect(Object.assign).toBe(assign);
    expect({}).not.toHaveProperty('x');
  });

  it.each([
    'optimizer.a',
    'optimizer..a',
    'params',
    'params.',
    'weights.a',
    'loss.weights.a',
    '__proto__',
  ])('have no place for %s', async (name) => {
    await expect(decodeCheckpoint(await withTensor(name))).rejects.toThrow(
      `tensor '${name}' has no place in a checkpoint`,
    );
  });

  it.each([
    [{ config: '[]' }, 'its configuration is no object'],
    [{ config: 'null' }, 'its configuration is no object'],
    [{ config: `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}` }, 'nested more than 64 deep'],
    [{ rng: '{}' }, ''],
    [{ rng: 'null' }, ''],
    [{ step: '1e300' }, 'the step is 1e300'],
  ])('are refused with the metadata %j', async (metadata, problem) => {
    const error: unknown = await decodeCheckpoint(await withTensor(undefined, metadata)).catch(
      (cause) => cause,
    );
    expect(error).toMatchObject({ code: 'CORRUPT_FILE' });
    expect((error as Error).message).toContain(problem);
  });

  it('are no other safetensors files', async () => {
    const other = encodeSafetensors({ 'params.a': floats([1]) }, { step: '1' });
    await expect(decodeCheckpoint(other)).rejects.toThrow(
      "it is not a checkpoint of the format 'tweedie-checkpoint-1'",
    );
  });
});
