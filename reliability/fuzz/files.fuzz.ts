import { writeFileSync } from 'node:fs';
import { createRng } from '@tweedie/core';
import { csv, idx, npy, picture } from '@tweedie/data/node';
import type { Dice } from '../dice.js';
import { decoderFuzzer } from './decoder-fuzzer.js';
import { gzipFile } from './files/gzip-file.js';
import { pngFile } from './files/png-file.js';
import { temporaryFile } from './files/temporary-file.js';

const path = temporaryFile('data');

/** Data sets of files, compressed and not, up to a batch of them. */
export const fuzzer = decoderFuzzer({
  name: 'files',
  make: (dice: Dice) => (dice.oneIn(4) ? pngFile : gzipFile)(dice),
  decode(bytes) {
    writeFileSync(path, bytes);
    // A file's kind is not known, so it is read as each; the last one's error stands for all.
    const datasets = [csv({ path }), idx({ images: path }), picture({ path }), npy({ path })];
    const results = datasets.map((dataset) => {
      try {
        return dataset.batch(createRng(0), 0, 2);
      } catch (error) {
        return error;
      }
    });
    const errors = results.filter((result) => result instanceof Error);
    if (errors.length === results.length) throw errors.at(-1);
    const raw = errors.find((error) => !('code' in error && 'package' in error));
    if (raw !== undefined) throw raw;
  },
});
