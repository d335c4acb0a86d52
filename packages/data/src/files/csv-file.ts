import { defineFactory, hostArray, TweedieError, text } from '@tweedie/core';
import { parseCsv } from '../csv.js';
import type { DatasetBody } from '../finite-dataset.js';
import { lazyDataset } from '../lazy-dataset.js';
import { points } from '../points.js';
import { limitsOfBytes, maxBytes } from './max-bytes.js';
import { readBytes, requireFile } from './read-bytes.js';

/** Rows of numbers from a CSV file; each row is an item. */
export const csv = defineFactory({
  owner: 'data',
  id: 'csv',
  doc: 'rows of numbers from a CSV file',
  options: {
    path: text({ default: '', doc: 'path of the file' }),
    label: text({ default: null, doc: 'name of the column that holds the class, if any' }),
    maxBytes,
  },
  create({ path, label, maxBytes: bytes }) {
    requireFile(path);
    return lazyDataset(() => readRows(path, label, bytes));
  },
});

function readRows(path: string, label: string | null, bytes: number | null): DatasetBody {
  const text = new TextDecoder().decode(readBytes(path, limitsOfBytes(bytes)));
  const { columns, values } = parseCsv(text, `'${path}'`);
  if (label === null) return points(values, { name: path });
  const [rows = 0, width = 0] = values.shape;
  const labelAt = columns?.indexOf(label) ?? -1;
  if (labelAt === -1) {
    throw new TweedieError({
      code: 'UNKNOWN_NAME',
      package: 'data',
      given: `'${path}' has no column '${label}'`,
      allowed: columns === null ? 'a file whose first line names the columns' : listed(columns),
    });
  }
  const isLabel = (_value: number, index: number) => index % width === labelAt;
  const items = values.data.filter((value, index) => !isLabel(value, index));
  return points(hostArray(items, [rows, width - 1]), {
    name: path,
    labels: values.data.filter(isLabel),
  });
}

function listed(columns: readonly string[]): string {
  const shown = columns.slice(0, 20).map((column) => column.slice(0, 40));
  return shown.join(', ') + (columns.length > 20 ? ` … (${columns.length} columns)` : '');
}
