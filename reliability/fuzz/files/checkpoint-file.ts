import { createHash } from 'node:crypto';
import { floats, ints, recordOf } from '@tweedie/core';
import { encodeSafetensors } from '@tweedie/training';
import type { Dice } from '../../dice.js';
import { damaged } from './damage.js';
import { jsonText } from './json-text.js';

const names = [
  'params.a',
  'params.dense.weight',
  'ema.a',
  'optimizer.m.a',
  'optimizer.v.a',
  'loss.params.b',
  'loss.optimizer.m.b',
  'params.__proto__',
  'ema.constructor',
  'optimizer.__proto__.polluted',
  'optimizer.constructor.assign',
  'optimizer.constructor.prototype',
  'optimizer.m.__proto__',
  'loss.optimizer.__proto__.polluted',
  'params.',
  'optimizer.m',
  'optimizer..a',
  'other.a',
  '__proto__',
];
const checksumAt = 8 + '{"__metadata__":{"sha256":"'.length;

/** A checkpoint whose checksum fits, of right and wrong names and metadata; some are damaged as well. */
export function checkpointFile(dice: Dice): Uint8Array {
  const odd = (times: number) => dice.oneIn(times);
  const chosen = odd(3) ? names : names.slice(0, 7);
  const tensors = Array.from({ length: dice.below(5) }, () => {
    const values = Array.from({ length: dice.below(3) }, () => dice.below(9));
    return [dice.pick(chosen), odd(20) ? ints(values) : floats(values)] as const;
  });
  const json = () => Buffer.from(jsonText(dice)).toString();
  const step = String(dice.below(1000));
  const bytes = encodeSafetensors(recordOf(tensors), {
    sha256: '0'.repeat(64),
    format: odd(20) ? 'tweedie-checkpoint-0' : 'tweedie-checkpoint-1',
    step: odd(10) ? dice.pick(['-1', '1.5', '', '1e9', '1e400', 'NaN', '0x10', ' 7']) : step,
    rng: odd(10) ? json() : '{"key":[1,2],"draws":3,"firstItem":0}',
    config: odd(3) ? json() : '{"network":{"name":"mlp","options":{}}}',
    ...(odd(10) ? { __proto__: 'x', more: json() } : {}),
  });
  bytes.set(Buffer.from(createHash('sha256').update(bytes).digest('hex')), checksumAt);
  return odd(3) ? damaged(dice, bytes) : bytes;
}
