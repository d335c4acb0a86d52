import type { Network } from './network.js';
import type { Parameterization } from './parameterization.js';
import type { Schedule } from './schedule.js';

/** A network with what gives its output meaning. */
export interface Model {
  readonly network: Network;
  readonly parameterization: Parameterization;
  readonly schedule: Schedule;
}
