import { defineFactory, TweedieError, text } from '@tweedie/core';
import type { DatasetBody } from '../finite-dataset.js';
import { lazyDataset } from '../lazy-dataset.js';
import type { DataLimits } from '../limits.js';
import { parseNpy } from '../npy.js';
import { points } from '../points.js';
import { limitsOfBytes, maxBytes } from './max-bytes.js';
import { readBytes, requireFile } from './read-bytes.js';

/** Items of any shape from a NumPy file [N, ...itemShape]; the numbers stay as they are. */
export const npy = defineFactory({
  owner: 'data',
  id: 'npy',
  doc: 'items from a NumPy .npy file whose first axis counts them',
  options: {
    path: text({ default: '', doc: 'path of the file' }),
    labels: text({ default: null, doc: 'path of a .npy file of class numbers' }),
    maxBytes,
  },
  create({ path, labels, maxBytes: bytes }) {
    for (const each of labels === null ? [path] : [path, labels]) requireFile(each);
    return lazyDataset(() => readItems(path, labels, limitsOfBytes(bytes)));
  },
});

function readItems(
  path: string,
  labelPath: string | null,
  limits: Partial<DataLimits>,
): DatasetBody {
  const items = parseNpy(readBytes(path, limits), `'${path}'`);
  if (labelPath === null) return points(items, { name: path });
  const labels = parseNpy(readBytes(labelPath, limits), `'${labelPath}'`);
  if (labels.shape.length !== 1) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'data',
      given: `'${labelPath}' has the shape [${labels.shape.join(', ')}]`,
      allowed: 'one axis of class numbers',
    });
  }
  return points(items, { name: path, labels: labels.data });
}
