import { parseNpy } from '@tweedie/data';
import { parsePng } from '@tweedie/data/node';
import { decodeSafetensors } from '@tweedie/training';
import { createDice, type Dice } from '../dice.js';
import { npyFile } from '../fuzz/files/npy-file.js';
import { pngFile } from '../fuzz/files/png-file.js';
import { safetensorsFile } from '../fuzz/files/safetensors-file.js';

interface Format {
  make(dice: Dice): Uint8Array;
  /** What is read, in plain data that Python can compare. */
  read(bytes: Uint8Array): unknown;
}

const base64 = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64');

const formats: Readonly<Record<string, Format>> = {
  npy: {
    make: npyFile,
    read(bytes) {
      const { data, shape } = parseNpy(bytes);
      return { shape, float: data instanceof Float32Array, data: base64(data) };
    },
  },
  png: {
    make: pngFile,
    read(bytes) {
      const { width, height, channels, max, data } = parsePng(bytes);
      return { width, height, channels, max, data: base64(Uint16Array.from(data)) };
    },
  },
  safetensors: {
    make: safetensorsFile,
    read(bytes) {
      const { tensors, metadata } = decodeSafetensors(bytes);
      // A list, because a name may be '__proto__'.
      const list = Object.entries(tensors).map(([name, { data, shape }]) => ({
        name,
        shape,
        float: data instanceof Float32Array,
        data: base64(data),
      }));
      return { tensors: list, metadata: Object.entries(metadata) };
    },
  },
};

/** A line of JSON for each input. */
export function* results(name: string, seed: number, count: number): Generator<string> {
  const { make, read } = formats[name]!;
  for (let index = 0; index < count; index++) {
    const bytes = make(createDice(seed, index));
    let result: unknown;
    try {
      result = { value: read(bytes) };
    } catch (error) {
      const { code, message } = error as Error & { code?: string };
      result = { code: code ?? 'raw', message };
    }
    yield JSON.stringify({ index, bytes: base64(bytes), ...(result as object) });
  }
}
