import type { JsonObject } from '../json.js';
import type { Level, Schedule } from './schedule.js';

/** A choice of levels by name and options. */
export interface Grid {
  readonly name: string;
  readonly config: JsonObject;
  /** The levels that a sampler walks, from most to least noise: one more than it has steps. */
  levels(schedule: Schedule): Level[];
}
