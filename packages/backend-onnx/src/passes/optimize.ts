import type { Computation } from '../ir/computation.js';
import { fuseEluSlope, fuseSilu, fuseSiluFlow } from './activations.js';
import { rewrite } from './rewrite.js';
import { addToConvolution, addToProduct } from './sums.js';

/** The computation with what the traced operations cannot see: that nothing else uses a result. */
export function optimize(computation: Computation): Computation {
  const { operators } = computation.graph;
  const forRuntime = operators === 'runtime' ? [addToConvolution, fuseSilu] : [];
  return rewrite(computation, [addToProduct, fuseEluSlope, fuseSiluFlow, ...forRuntime]);
}
