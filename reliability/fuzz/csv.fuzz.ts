import { parseCsv } from '@tweedie/data';
import { decoderFuzzer } from './decoder-fuzzer.js';
import { csvText } from './files/csv-file.js';

export const fuzzer = decoderFuzzer({
  name: 'csv',
  make: csvText,
  decode: (bytes) => parseCsv(new TextDecoder().decode(bytes)),
});
