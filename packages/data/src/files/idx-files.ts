import { defineFactory, integer, numbers, text } from '@tweedie/core';
import type { DatasetBody } from '../finite-dataset.js';
import { parseIdx } from '../idx.js';
import { type IdxDatasetOptions, idxDataset } from '../idx-dataset.js';
import { lazyDataset } from '../lazy-dataset.js';
import type { DataLimits } from '../limits.js';
import { limitsOfBytes, maxBytes } from './max-bytes.js';
import { readBytes, requireFile } from './read-bytes.js';

/**
 * A dataset of an IDX pair on disk, plain or gzip-compressed. The files must be there at once; they
 * are read when the dataset is first used.
 *
 * @param fix what to do when a file is not there
 * @throws TweedieError MISSING_DATA
 */
export function idxPair(
  images: string,
  labels: string | null,
  options: IdxDatasetOptions,
  { fix, limits = {} }: { readonly fix?: string; readonly limits?: Partial<DataLimits> } = {},
): DatasetBody {
  const paths = labels === null ? [images] : [images, labels];
  for (const path of paths) requireFile(path, fix);
  const read = (path: string) => parseIdx(readBytes(path, limits), `'${path}'`);
  return lazyDataset(() =>
    idxDataset(read(images), labels === null ? undefined : read(labels), options),
  );
}

/** Any dataset in the format of MNIST. */
export const idx = defineFactory({
  owner: 'data',
  id: 'idx',
  doc: 'images and labels from IDX files, the format of MNIST (.gz or plain)',
  options: {
    images: text({ default: '', doc: 'path of the images' }),
    labels: text({ default: null, doc: 'path of the labels' }),
    only: numbers({ default: null, doc: 'keep only items with these labels' }),
    limit: integer({
      default: null,
      min: 1,
      max: 2 ** 31 - 1,
      doc: 'keep the first so many of them',
    }),
    maxBytes,
  },
  create: ({ images, labels, only, limit, maxBytes: bytes }) =>
    idxPair(images, labels, { only, limit }, { limits: limitsOfBytes(bytes) }),
});
