import { parseNpy } from '@tweedie/data';
import { decoderFuzzer } from './decoder-fuzzer.js';
import { npyFile } from './files/npy-file.js';

export const fuzzer = decoderFuzzer({
  name: 'npy',
  make: npyFile,
  decode: (bytes) => parseNpy(bytes),
});
