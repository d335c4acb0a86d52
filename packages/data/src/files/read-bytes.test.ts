import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { idxBytes, npyBytes, temporaryFolder } from '../files.testing.js';
import { idx } from './idx-files.js';
import { npy } from './npy-file.js';
import { readBytes } from './read-bytes.js';

const folder = temporaryFolder();
afterAll(folder.remove);

describe('readBytes', () => {
  it('reads files as they are, and unpacks those of gzip, of several members too', () => {
    expect([...readBytes(folder.write('plain', 'ab'))]).toEqual([97, 98]);
    expect([...readBytes(folder.write('packed.gz', 'ab'))]).toEqual([97, 98]);
    const members = Buffer.concat([gzipSync('ab'), gzipSync('c')]);
    expect([...readBytes(folder.write('members', members))]).toEqual([97, 98, 99]);
  });

  it('stops an inflating bomb of gzip at its limit', () => {
    const path = folder.write('bomb', gzipSync(new Uint8Array(2 ** 28)));
    const begin = process.cpuUsage();
    expect(() => readBytes(path)).toThrow(
      /bomb' unpacks to more than 8\d{6} bytes from \d+\..*or 32 times its own.*'unpackedBytes'/,
    );
    // To unpack it all takes half a second, and 256 megabytes.
    expect(process.cpuUsage(begin).user).toBeLessThan(400e3);
    expect(() => readBytes(path, { unpackedBytes: 1000 })).toThrow(/more than 8\d{6} bytes/);
    const small = folder.write('small.gz', 'x'.repeat(5000));
    const limits = { unpackedBytes: 4999, unpackedRatio: 1 };
    expect(() => readBytes(small, limits)).toThrow(/more than 4999 bytes/);
    expect(readBytes(small, { ...limits, unpackedBytes: 5000 })).toHaveLength(5000);
  });

  it('refuses a damaged or cut file of gzip', () => {
    const packed = gzipSync('some text');
    expect(() => readBytes(folder.write('cut', packed.subarray(0, packed.length - 1)))).toThrow(
      /cannot be unpacked/,
    );
    packed[packed.length - 5]! ^= 1;
    expect(() => readBytes(folder.write('damaged', packed))).toThrow(/cannot be unpacked/);
  });

  it('refuses what is too large before it reads it, and what is no file', () => {
    const path = folder.write('large', 'x'.repeat(101));
    expect(() => readBytes(path, { fileBytes: 100 })).toThrow(
      /101 bytes.*at most 100.*'fileBytes'/,
    );
    expect(() => readBytes(folder.path)).toThrow(/cannot be read \(it is a folder\)/);
  });

  it.skipIf(process.platform === 'win32')(
    'refuses devices and pipes, which may have no end',
    () => {
      expect(() => readBytes('/dev/zero')).toThrow(/cannot be read \(it is no file\)/);
      const pipe = join(folder.path, 'pipe');
      execFileSync('mkfifo', [pipe]);
      expect(() => readBytes(pipe)).toThrow(/cannot be read \(it is no file\)/);
    },
  );
});

describe('maxBytes', () => {
  it('raises and lowers what a data set reads', () => {
    const bytes = idxBytes([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
    const images = join(folder.path, 'images');
    writeFileSync(images, gzipSync(bytes));
    expect(() => idx({ images, maxBytes: 19 }).size).toThrow(/more than 19 bytes|bytes\. Allowed/);
    expect(idx({ images, maxBytes: 100 }).size).toBe(4);
    const path = folder.write('a.npy', npyBytes('|u1', [2, 1], Uint8Array.of(1, 2).buffer));
    expect(() => npy({ path, maxBytes: 60 }).size).toThrow(/at most 60/);
    expect(npy({ path, maxBytes: 100 }).size).toBe(2);
  });
});
