import type { PureFunction } from '@tweedie/core';
import type { Computation } from '../ir/computation.js';

/** What is done to the trace of a function, written in planes, before it is run or exported. */
type TraceTransform = (computation: Computation) => Computation;

const transforms = new WeakMap<PureFunction, TraceTransform>();

/** The same function as another object, whose traces are transformed. */
export function withTransform<F extends PureFunction>(fn: F, transform: TraceTransform): F {
  const copy = ((...args: Parameters<F>) => fn(...args)) as F;
  transforms.set(copy, transform);
  return copy;
}

export const transformOf = (fn: PureFunction): TraceTransform | undefined => transforms.get(fn);
