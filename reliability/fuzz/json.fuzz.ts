import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readRunConfig } from '@tweedie/training/node';
import { decoderFuzzer } from './decoder-fuzzer.js';
import { jsonText } from './files/json-text.js';
import { temporaryFile } from './files/temporary-file.js';

const folder = dirname(temporaryFile('config.json'));
mkdirSync(folder, { recursive: true });

/** The JSON of a run folder's configuration, before anything is made of it. */
export const fuzzer = decoderFuzzer({
  name: 'json',
  make(dice) {
    const text = Buffer.from(jsonText(dice));
    return dice.oneIn(2)
      ? Buffer.concat([Buffer.from('{"format":"tweedie-run-1","config":'), text, Buffer.from('}')])
      : text;
  },
  decode(bytes) {
    writeFileSync(join(folder, 'config.json'), bytes);
    return readRunConfig(folder);
  },
});
