/** What happens to a file operation of a process. */
export type Fault =
  /** The process ends as by SIGKILL: before the operation, after it, or when half was written. */
  | { readonly kind: 'death'; readonly when: 'before' | 'after' | 'torn' }
  /**
   * The machine loses its power before the operation: the process ends, and what it wrote since a
   * file was last flushed is not there.
   */
  | { readonly kind: 'power-failure' }
  /** The operation is refused (when it writes, after half), or from then on all that write are. */
  | { readonly kind: 'refusal'; readonly code: Refusal; readonly lasting: boolean };

export const refusals = {
  ENOSPC: 'no space left on device',
  EIO: 'i/o error',
  EACCES: 'permission denied',
  EMFILE: 'too many open files',
} as const;
export type Refusal = keyof typeof refusals;

/** What the file layer does in one process. */
export interface FaultPlan {
  /** Operations on this folder and what is in it are counted; others are left alone. */
  readonly folder: string;
  /** A file that gets a line for each operation. */
  readonly log?: string;
  /** Which operation is hit, from 0; none when it is not given. */
  readonly at?: number;
  readonly fault?: Fault;
}

/** The environment variable that holds a plan as JSON. */
export const planVariable = 'TWEEDIE_FAULT_PLAN';
