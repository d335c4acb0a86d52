import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** The bytes of an IDX file of unsigned bytes, for tests. */
export function idxBytes(shape: readonly number[], values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length);
  bytes.set([0, 0, 0x08, shape.length]);
  const view = new DataView(bytes.buffer);
  for (const [axis, extent] of shape.entries()) view.setUint32(4 + 4 * axis, extent);
  bytes.set(Array.from(values), 4 + 4 * shape.length);
  return bytes;
}

/** The bytes of a .npy file of format version 1, in C order. */
export function npyBytes(descriptor: string, shape: readonly number[], data: ArrayBuffer): Buffer {
  const extents = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const header = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${extents}}\n`;
  const start = Uint8Array.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  return Buffer.concat([start, Buffer.from(header), Buffer.from(data)]);
}

/** A folder for files of a test, and how to write into it (what ends in .gz is packed). */
export function temporaryFolder(): {
  readonly path: string;
  write(name: string, content: Uint8Array | string): string;
  remove(): void;
} {
  const path = mkdtempSync(join(tmpdir(), 'tweedie-data-'));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      writeFileSync(file, name.endsWith('.gz') ? gzipSync(content) : content);
      return file;
    },
    remove: () => rmSync(path, { recursive: true }),
  };
}
