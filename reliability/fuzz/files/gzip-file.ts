import { gzipSync } from 'node:zlib';
import type { Dice } from '../../dice.js';
import { csvText } from './csv-file.js';
import { damaged, joined, randomBytes } from './damage.js';
import { idxFile } from './idx-file.js';
import { npyFile } from './npy-file.js';

let bomb: Uint8Array | undefined;

/** A gzip-compressed file of data: of several members, with a wrong end, a bomb, or damaged anywhere. */
export function gzipFile(dice: Dice): Uint8Array {
  const odd = (times: number) => dice.oneIn(times);
  if (odd(400)) {
    bomb ??= gzipSync(new Uint8Array(100_000_000));
    return damaged(dice, bomb);
  }
  const content = dice.pick([csvText, idxFile, npyFile])(dice);
  const at = odd(6) ? dice.below(content.length + 1) : content.length;
  const members = [content.subarray(0, at), content.subarray(at)].filter((part) => part.length > 0);
  const packed = joined(...members.map((member) => gzipSync(member)));
  return damaged(dice, odd(20) ? joined(packed, randomBytes(dice, dice.below(20))) : packed);
}
