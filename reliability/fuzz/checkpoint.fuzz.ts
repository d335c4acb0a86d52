import { decodeCheckpoint } from '@tweedie/training';
import { decoderFuzzer } from './decoder-fuzzer.js';
import { checkpointFile } from './files/checkpoint-file.js';

export const fuzzer = decoderFuzzer({
  name: 'checkpoint',
  make: checkpointFile,
  decode: (bytes) => decodeCheckpoint(bytes),
});
