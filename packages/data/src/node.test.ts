import { existsSync } from 'node:fs';
import { createRegistry, type JsonObject } from '@tweedie/core';
import { testDataset } from '@tweedie/testing';
import { encode } from 'fast-png';
import { afterAll, expect, it } from 'vitest';
import { idxBytes, npyBytes, temporaryFolder } from './files.testing.js';
import { datasets } from './index.js';
import { nodeDatasets } from './node.js';

const folder = temporaryFolder();
afterAll(folder.remove);
const pixels = Uint8Array.from({ length: 4 * 6 }, (_, i) => 10 * i);
const images = folder.write('images', idxBytes([6, 2, 2], pixels));
const labels = folder.write('labels.gz', idxBytes([6], [0, 1, 0, 2, 1, 1]));
const rows = Float32Array.from({ length: 18 }, (_, i) => i / 7);
const drawing = encode({ width: 4, height: 6, data: pixels, channels: 1, depth: 8 });

/** Options of the sets that read files of the user's choice: without them there is no set. */
const files: Readonly<Record<string, JsonObject>> = {
  idx: { images, labels },
  csv: { path: folder.write('rows.csv', 'x,kind\n0.5,0\n-1,2\n3,1\n'), label: 'kind' },
  npy: { path: folder.write('rows.npy', npyBytes('<f4', [6, 3, 1], rows.buffer)) },
  picture: { path: folder.write('drawing.png', drawing), noise: 0.01 },
  mnist: { split: 'test', limit: 200 },
};
const registry = createRegistry({ data: [...datasets, ...nodeDatasets] });

for (const { id, options } of nodeDatasets) {
  // What its package does not bring is tested where it is installed.
  const given = 'folder' in options && id !== 'mnist' ? String(options.folder.default) : undefined;
  if (given !== undefined && !existsSync(given)) continue;
  testDataset(id, () => registry.create('data', id, files[id] ?? { limit: 200 }));
}

it('joins the sets from files and the others in one registry', () => {
  expect(registry.names('data')).toHaveLength(datasets.length + nodeDatasets.length);
  expect(() => registry.create('data', 'minst')).toThrow(/Did you mean 'mnist'/);
});
