import { decodeCheckpoint, decodeSafetensors } from '@tweedie/training';
import { decoderFuzzer } from './decoder-fuzzer.js';
import { safetensorsFile } from './files/safetensors-file.js';

export const fuzzer = decoderFuzzer({
  name: 'safetensors',
  make: safetensorsFile,
  decode: (bytes) => (bytes.length % 4 === 0 ? decodeCheckpoint(bytes) : decodeSafetensors(bytes)),
});
