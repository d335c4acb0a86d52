import { TweedieError } from '@tweedie/core';
import { createDice, type Dice } from '../dice.js';
import type { Fuzzer } from './fuzzer.js';

export interface Decoder {
  /** 'png', 'safetensors' … */
  readonly name: string;
  /** Makes a file, right or wrong. */
  make(dice: Dice): Uint8Array;
  /** Reads it, and throws a TweedieError when it is wrong. */
  decode(bytes: Uint8Array): unknown;
}

/** A fuzzer of a decoder: it may give a result or a TweedieError, and must leave prototypes as they are. */
export function decoderFuzzer({ name, make, decode }: Decoder): Fuzzer {
  return {
    group: 'decoders',
    name,
    async run({ seed, count, report }) {
      const counts = { inputs: count, accepted: 0, refused: 0 };
      const before = builtIns();
      for (let index = 0; index < count; index++) {
        const bytes = make(createDice(seed, index));
        report.input(index);
        try {
          await decode(bytes);
          counts.accepted++;
        } catch (error) {
          if (TweedieError.isInstance(error)) counts.refused++;
          else report.fault(index, `${name}, seed ${seed}: ${String(error)}`);
        }
        if (builtIns().some((value, i) => value !== before[i])) {
          report.fault(index, `${name}, seed ${seed}: a prototype was changed`);
        }
      }
      return counts;
    },
  };
}

/** What a file with names of Object's prototype could change. */
function builtIns(): readonly unknown[] {
  return [
    ...[Object, Object.prototype, Array.prototype, Function.prototype].map(
      (object) => Reflect.ownKeys(object).length,
    ),
    ...[Object.assign, Object.prototype.toString, Object.prototype.constructor],
  ];
}
