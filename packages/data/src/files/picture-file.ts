import { defineFactory, text } from '@tweedie/core';
import { lazyDataset } from '../lazy-dataset.js';
import { pictureDataset, pictureOptions } from '../picture.js';
import { parsePng } from './png.js';
import { readBytes, requireFile } from './read-bytes.js';

/** A drawn shape: points of the plane where a PNG picture is dark. */
export const picture = defineFactory({
  owner: 'data',
  id: 'picture',
  doc: 'points of the plane where a PNG picture is drawn on',
  options: { path: text({ default: '', doc: 'path of the PNG file' }), ...pictureOptions },
  create({ path, ...options }) {
    requireFile(path);
    return lazyDataset(() => {
      const where = `'${path}'`;
      return pictureDataset(parsePng(readBytes(path), where), options, where);
    });
  },
});
