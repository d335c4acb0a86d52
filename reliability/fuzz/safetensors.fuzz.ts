import { decodeSafetensors } from '@tweedie/training';
import { decoderFuzzer } from './decoder-fuzzer.js';
import { safetensorsFile } from './files/safetensors-file.js';

export const fuzzer = decoderFuzzer({
  name: 'safetensors',
  make: safetensorsFile,
  decode: (bytes) => decodeSafetensors(bytes),
});
