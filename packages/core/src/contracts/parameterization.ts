import type { JsonObject } from '../json.js';
import type { Level } from './schedule.js';

/** c_skip, c_out, c_in and the network's time input c_noise of D = c_skip x + c_out F(c_in x; c_noise). */
export interface Coefficients {
  readonly skip: number;
  readonly out: number;
  readonly in: number;
  readonly noise: number;
}

/** What a network predicts, as four coefficients of the level. */
export interface Parameterization {
  readonly name: string;
  readonly config: JsonObject;
  coefficients(level: Level): Coefficients;
}
