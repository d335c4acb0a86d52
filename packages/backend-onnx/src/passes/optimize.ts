import { fuseSilu } from './activations.js';
import { type Program, rewrite } from './rewrite.js';
import { addToConvolution, addToProduct } from './sums.js';

/** The program with what the traced operations cannot see: that nothing else uses a result. */
export function optimize(program: Program): Program {
  const { operators } = program.graph;
  const forRuntime = operators === 'runtime' ? [addToConvolution, fuseSilu] : [];
  return rewrite(program, [addToProduct, ...forRuntime]);
}
