import { defineFactory, integer, text } from '@tweedie/core';
import { lazyDataset } from '../lazy-dataset.js';
import { dataLimits } from '../limits.js';
import { pictureDataset, pictureOptions } from '../picture.js';
import { parsePng } from './png/png.js';
import { readBytes, requireFile } from './read-bytes.js';

/** A drawn shape: 2-D points distributed like the ink of a PNG picture. */
export const picture = defineFactory({
  owner: 'data',
  id: 'picture',
  doc: 'points distributed like the ink of a PNG picture',
  options: {
    path: text({ default: '', doc: 'path of the PNG file' }),
    ...pictureOptions,
    maxPixels: integer({
      default: dataLimits.pixels,
      min: 1,
      doc: 'larger pictures are refused: width times height',
    }),
  },
  create({ path, maxPixels, ...options }) {
    requireFile(path);
    return lazyDataset(() => {
      const where = `'${path}'`;
      return pictureDataset(
        parsePng(readBytes(path), where, { pixels: maxPixels }),
        options,
        where,
      );
    });
  },
});
