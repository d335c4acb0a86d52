import { dirname, extname } from 'node:path';
import { type FloatArray, TweedieError } from '@tweedie/core';
import { encodeSafetensors } from '@tweedie/training';
import { writeFileAtomic } from '@tweedie/training/node';
import { encodePng, enlarge, imageGrid, type Pixels } from './image-grid.js';
import { encodeNpy } from './npy.js';
import { prepareFolder } from './prepare-folder.js';
import { scatter } from './scatter.js';

/**
 * A picture of samples: a grid of images, or the density of points of the plane.
 *
 * @param size width in pixels of a picture of points
 */
export function picture(samples: FloatArray, size?: number): Pixels | undefined {
  if (samples.shape.length === 4) return imageGrid(samples);
  if (samples.shape.length === 2 && samples.shape[1] === 2) return scatter(samples, size);
  return undefined;
}

const formats = ['.png', '.npy', '.safetensors'];

/**
 * Refuses an output path whose ending says nothing, before any work is done.
 *
 * @throws TweedieError INVALID_OPTION
 */
export function checkSamplePath(path: string): void {
  if (formats.includes(extname(path))) return;
  throw new TweedieError({
    code: 'INVALID_OPTION',
    package: 'cli',
    given: `--out is '${path}'`,
    allowed: `a file that ends in ${formats.join(', ')}`,
  });
}

/**
 * Writes samples as what the path's ending says, whole or not at all.
 *
 * @throws TweedieError INVALID_OPTION, INVALID_SHAPE (no picture of such data), IO
 */
export async function writeSamples(path: string, samples: FloatArray): Promise<void> {
  checkSamplePath(path);
  const bytes = encode(path, samples);
  await prepareFolder(dirname(path));
  await writeFileAtomic(path, bytes);
}

function encode(path: string, samples: FloatArray): Uint8Array {
  const kind = extname(path);
  if (kind === '.npy') return encodeNpy(samples);
  if (kind === '.safetensors') return encodeSafetensors({ samples }, {});
  const pixels = picture(samples);
  if (pixels === undefined) {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'cli',
      given: `samples of shape [${samples.shape.join(', ')}] have no picture`,
      allowed: 'images, or points of the plane',
      fix: 'write them as .npy or .safetensors',
    });
  }
  // Small images are enlarged so that a viewer shows more than a stamp.
  return encodePng(samples.shape.length === 4 && pixels.width < 600 ? enlarge(pixels, 3) : pixels);
}
