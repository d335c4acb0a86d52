import { join } from 'node:path';
import { choice, defineFactory, integer, numbers, text } from '@tweedie/core';
import { idxPair } from './idx-files.js';

/** Where Debian's package `dataset-fashion-mnist` puts the files. */
const debianFolder = '/usr/share/datasets/fashion-mnist';

/**
 * Zalando's clothes (Xiao, Rasul & Vollgraf 2017): 60,000 for training and 10,000 for testing,
 * 28 × 28 × 1, from −1 (ground) to 1, labels 0 … 9: T-shirt, trouser, pullover, dress, coat,
 * sandal, shirt, sneaker, bag, ankle boot. Read from the gzip-compressed IDX files in `folder`.
 */
export const fashionMnist = defineFactory({
  owner: 'data',
  id: 'fashion-mnist',
  doc: 'the clothes of Fashion-MNIST, 28 × 28 × 1',
  source: 'Xiao, Rasul & Vollgraf 2017',
  options: {
    split: choice(['train', 'test'], { default: 'train', doc: '60,000 or 10,000 pictures' }),
    only: numbers({ default: null, doc: 'keep only these classes, e.g. 0,9' }),
    limit: integer({
      default: null,
      min: 1,
      max: 2 ** 31 - 1,
      doc: 'keep the first so many of them',
    }),
    folder: text({ default: debianFolder, doc: 'folder of the four .gz files' }),
  },
  create({ split, only, limit, folder }) {
    const path = (end: string) => join(folder, `${split === 'train' ? 'train' : 't10k'}-${end}.gz`);
    return idxPair(
      path('images-idx3-ubyte'),
      path('labels-idx1-ubyte'),
      { only, limit, classes: 10, name: 'fashion-mnist' },
      {
        fix: "on Debian or Ubuntu run 'apt-get install dataset-fashion-mnist'; elsewhere pass the folder of the four .gz files",
      },
    );
  },
});
