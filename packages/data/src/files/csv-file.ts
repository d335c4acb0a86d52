import { defineFactory, hostArray, TweedieError, text } from '@tweedie/core';
import { parseCsv } from '../csv.js';
import type { DatasetBody } from '../finite-dataset.js';
import { lazyDataset } from '../lazy-dataset.js';
import { points } from '../points.js';
import { readBytes, requireFile } from './read-bytes.js';

/** Rows of numbers from a CSV file; each row is an item. */
export const csv = defineFactory({
  owner: 'data',
  id: 'csv',
  doc: 'rows of numbers from a CSV file',
  options: {
    path: text({ default: '', doc: 'path of the file' }),
    label: text({ default: null, doc: 'name of the column that holds the class, if any' }),
  },
  create({ path, label }) {
    requireFile(path);
    return lazyDataset(() => readRows(path, label));
  },
});

function readRows(path: string, label: string | null): DatasetBody {
  const { columns, values } = parseCsv(new TextDecoder().decode(readBytes(path)), `'${path}'`);
  if (label === null) return points(values, { name: path });
  const [rows = 0, width = 0] = values.shape;
  const labelAt = columns?.indexOf(label) ?? -1;
  if (labelAt === -1) {
    throw new TweedieError({
      code: 'UNKNOWN_NAME',
      package: 'data',
      given: `'${path}' has no column '${label}'`,
      allowed: columns === null ? 'a file whose first line names the columns' : columns.join(', '),
    });
  }
  const isLabel = (_value: number, index: number) => index % width === labelAt;
  const items = values.data.filter((value, index) => !isLabel(value, index));
  return points(hostArray(items, [rows, width - 1]), {
    name: path,
    labels: values.data.filter(isLabel),
  });
}
