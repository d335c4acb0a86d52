import type { JsonObject } from '../json.js';
import type { Arithmetic, Operand } from './arithmetic.js';
import type { Level } from './schedule.js';

/** c_skip, c_out, c_in and the network's time input c_noise of D = c_skip x + c_out F(c_in x; c_noise). */
export interface Coefficients<T = number> {
  readonly skip: T;
  readonly out: T;
  readonly in: T;
  readonly noise: T;
}

/** What a network predicts, as four coefficients of the level. `defineParameterization` makes them. */
export interface Parameterization {
  readonly name: string;
  readonly config: JsonObject;
  coefficients(level: Level): Coefficients;
  /**
   * The same formulas over another arithmetic, e.g. tensors of a graph that takes any level. A
   * coefficient that does not depend on the level is a plain number.
   */
  coefficientsOver<T>(
    arithmetic: Arithmetic<T>,
    level: Level<Operand<T>>,
  ): Coefficients<Operand<T>>;
}
