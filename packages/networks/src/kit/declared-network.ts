import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { type Conditioning, type Network, type Params, TweedieError } from '@tweedie/core';
import { collectDeclarations, type ParameterShapes, type Scope } from './declaration.js';

/** A network whose parameters' names and shapes are known before there are any. */
export interface DeclaredNetwork extends Network {
  /** Shapes by name: `createParameterLayout(network.parameters)`. */
  readonly parameters: ParameterShapes;
  /** Number of classes; 0 ignores labels, Infinity takes any label. */
  readonly classes: number;
}

/**
 * A network from the declaration of its parts. `apply` checks the shapes of x, time, label and
 * parameters, and keeps no tensor but its result; `init` draws each parameter from a stream of its own
 * name.
 *
 * @param subject.name begins the error messages
 * @param subject.itemShape shape of an item of x, without the batch axis
 * @param subject.classes number of classes; 0 ignores labels
 * @param declare called once: declares parameters in the scope, and returns the network as a function
 * of their tensors
 * @example
 * defineFactory({
 *   owner: 'mine', id: 'affine', doc: 'an affine map of the plane', options: {},
 *   create: () =>
 *     declaredNetwork({ name: 'affine', itemShape: [2], classes: 0 }, (scope) => linear(scope, 2, 2)),
 * });
 */
export function declaredNetwork(
  subject: { name: string; itemShape: readonly number[]; classes: number },
  declare: (scope: Scope) => (params: Params, x: Tensor, conditioning: Conditioning) => Tensor,
): Omit<DeclaredNetwork, 'name' | 'config'> {
  const { itemShape, classes } = subject;
  const { forward, shapes, init, dropoutMasks } = collectDeclarations(declare);
  return {
    itemShape,
    classes,
    parameters: shapes,
    init,
    dropoutMasks,
    apply(params, x, conditioning) {
      checkInput(subject, x, conditioning);
      return tidy(() => forward(params, x, conditioning));
    },
  };
}

/**
 * @throws TweedieError INVALID_SHAPE for x, time or label of a wrong shape; INVALID_VALUE when a
 * network with classes is given no label
 */
function checkInput(
  { name, itemShape, classes }: { name: string; itemShape: readonly number[]; classes: number },
  x: Tensor,
  { time, label }: Conditioning,
): void {
  const refuse = (given: string, allowed: string): never => {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'networks',
      given: `${name}: ${given}`,
      allowed,
    });
  };
  if (x.rank === 0 || x.shape.slice(1).join() !== itemShape.join()) {
    refuse(`x has the shape [${x.shape.join(', ')}]`, `[B, ${itemShape.join(', ')}]`);
  }
  const checkPerItem = (what: string, t: Tensor) => {
    if (t.rank === 1 && t.shape[0] === x.shape[0]) return;
    refuse(`${what} has the shape [${t.shape.join(', ')}]`, `[${x.shape[0]}], one for each item`);
  };
  checkPerItem('time', time);
  if (classes === 0) return;
  if (label === undefined) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'networks',
      given: `${name}: the network is conditioned on a class and no label was given`,
      allowed: `an int32 label for each item${
        Number.isFinite(classes) ? ` from 0 to ${classes - 1}` : ''
      }`,
      fix: 'pass conditioning.label, or use data that has labels',
    });
  }
  checkPerItem('label', label);
}
