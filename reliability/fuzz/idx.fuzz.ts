import { idxDataset, parseIdx } from '@tweedie/data';
import { decoderFuzzer } from './decoder-fuzzer.js';
import { idxFile } from './files/idx-file.js';

export const fuzzer = decoderFuzzer({
  name: 'idx',
  make: idxFile,
  decode: (bytes) => idxDataset(parseIdx(bytes)),
});
