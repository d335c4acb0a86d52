import type { TreeStructure } from '@tweedie/core';
import type { Graph, Value } from './graph.js';

/** A graph and the values of it that are wanted. */
export interface Computation {
  readonly graph: Graph;
  readonly outputs: readonly Value[];
}

/** A function as a graph: for arguments of one structure, with one set of shapes and types. */
export interface TracedFunction extends Computation {
  /** How the results are put together. */
  readonly structure: TreeStructure;
}
