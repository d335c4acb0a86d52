import { defineFactory, integer, text } from '@tweedie/core';
import { lazyDataset } from '../lazy-dataset.js';
import { dataLimits } from '../limits.js';
import { pictureDataset, pictureOptions } from '../picture.js';
import { parsePng } from './png/png.js';
import { readBytes, requireFile } from './read-bytes.js';

/** A drawn shape: points of the plane where a PNG picture is dark. */
export const picture = defineFactory({
  owner: 'data',
  id: 'picture',
  doc: 'points of the plane where a PNG picture is drawn on',
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
