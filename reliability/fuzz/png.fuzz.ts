import { parsePng } from '@tweedie/data/node';
import { decoderFuzzer } from './decoder-fuzzer.js';
import { pngFile } from './files/png-file.js';

export const fuzzer = decoderFuzzer({
  name: 'png',
  make: pngFile,
  decode: (bytes) => parsePng(bytes),
});
