/**
 * A program that makes inputs from a seed and gives them to one part of Tweedie.
 *
 * Each file `NAME.fuzz.ts` of this folder exports one as `fuzzer`; that is all it takes to be run by
 * the tests and by `run.mjs`.
 */
export interface Fuzzer {
  /** Of which group it is: what `--only` chooses. */
  readonly group: 'decoders' | 'configs';
  /** 'png', 'safetensors' … */
  readonly name: string;
  run(options: FuzzOptions): Promise<FuzzCounts>;
}

interface FuzzOptions {
  /** The same seed and count make the same inputs. */
  readonly seed: number;
  /** How many inputs to make. */
  readonly count: number;
  /** To be called when something is wrong, and before each input is tried. */
  readonly report: FuzzReport;
}

interface FuzzReport {
  /**
   * Says that input `index` is tried next. The driver takes the time from one call to the next (over
   * 2 seconds is a fault), watches the memory, and ends a process that calls no more.
   */
  input(index: number): void;
  /**
   * Something that must not be: an error that is no TweedieError, an input accepted that the
   * reference library refuses, a prototype that was changed.
   *
   * @param what how to make the input again, and what it did
   */
  fault(index: number, what: string): void;
}

/** What became of the inputs; `accepted + refused = inputs` where nothing is wrong. */
export interface FuzzCounts {
  readonly inputs: number;
  readonly accepted: number;
  /** Refused by a TweedieError, as it should be. */
  readonly refused: number;
}
