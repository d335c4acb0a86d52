import { mul, type Tensor } from '@tensorflow/tfjs-core';
import {
  type Conditioning,
  type Draws,
  type FloatArray,
  type HostParams,
  hostArray,
  type Params,
  type Rng,
  recordOf,
  TweedieError,
} from '@tweedie/core';

/** Draws the first values of a parameter. */
export type Initializer = (rng: Rng, shape: readonly number[]) => FloatArray;
/** Dropout masks of a training step; undefined when nothing is dropped. */
export type Masks = Conditioning['dropout'];
/** A part of a network, once declared: a pure function of the parameters and its input. */
export type Layer = (params: Params, x: Tensor) => Tensor;

/**
 * Where a part of a network declares its parameters and dropout masks. A declaration returns a reader,
 * so a part is written once: it declares what it needs, and returns the function that computes with
 * it.
 *
 * @example
 * function shift(scope: Scope, channels: number): Layer {
 *   const bias = scope.parameter('bias', [channels], constant(0));
 *   return (params, x) => add(x, bias(params));
 * }
 */
export interface Scope {
  /** The scope of a part, whose names begin with `part` and a dot. */
  within(part: string): Scope;
  /** @returns reads the parameter; throws INVALID_SHAPE when it is missing or of another shape */
  parameter(
    name: string,
    shape: readonly number[],
    initializer: Initializer,
  ): (params: Params) => Tensor;
  /**
   * @param itemShape shape of x without its batch axis
   * @param rate probability with which an element is dropped; 0 declares nothing
   * @returns multiplies by the mask of this name, where there are masks
   */
  dropout(
    name: string,
    itemShape: readonly number[],
    rate: number,
  ): (x: Tensor, masks: Masks) => Tensor;
}

/** Shapes of parameters by name, without values: enough for a parameter layout. */
export type ParameterShapes = Readonly<Record<string, { readonly shape: readonly number[] }>>;

/** A network's parameters and masks, as its parts declared them. */
export interface Declared<Forward> {
  readonly forward: Forward;
  readonly shapes: ParameterShapes;
  /** Draws each parameter from a stream of its own name, so that none depends on the others. */
  init(rng: Rng): HostParams;
  dropoutMasks(rng: Rng, batchSize: number): Draws;
}

/** Calls a declaration, and collects the parameters and masks that its parts declare. */
export function collectDeclarations<Forward>(
  declare: (scope: Scope) => Forward,
): Declared<Forward> {
  const parameters = recordOf<{ shape: readonly number[]; initializer: Initializer }>();
  const masks = recordOf<{ itemShape: readonly number[]; rate: number }>();

  const scopeAt = (prefix: string): Scope => ({
    within: (part) => scopeAt(`${prefix}${part}.`),
    parameter(name, shape, initializer) {
      const path = claim(prefix + name, parameters);
      parameters[path] = { shape, initializer };
      return (params) => readTensor('parameter', path, params, shape);
    },
    dropout(name, itemShape, rate) {
      if (rate === 0) return (x) => x;
      const path = claim(prefix + name, masks);
      masks[path] = { itemShape, rate };
      return (x, given) =>
        given === undefined
          ? x
          : mul(x, readTensor('dropout mask', path, given, [x.shape[0]!, ...itemShape]));
    },
  });

  const forward = declare(scopeAt(''));
  return {
    forward,
    shapes: recordOf(Object.entries(parameters).map(([path, { shape }]) => [path, { shape }])),
    init: (rng) =>
      recordOf(
        Object.entries(parameters).map(([path, { shape, initializer }]) => [
          path,
          initializer(rng.fork(path), shape),
        ]),
      ),
    dropoutMasks: (rng, batchSize) =>
      recordOf(
        Object.entries(masks).map(([path, { itemShape, rate }]) => {
          const { data, shape } = rng.fork(path).uniform([batchSize, ...itemShape]);
          return [
            path,
            hostArray(
              data.map((u) => (u < rate ? 0 : 1 / (1 - rate))),
              shape,
            ),
          ];
        }),
      ),
  };
}

function claim(path: string, taken: object): string {
  if (!Object.hasOwn(taken, path)) return path;
  throw new TweedieError({
    code: 'INVALID_VALUE',
    package: 'networks',
    given: `'${path}' is declared twice`,
    allowed: 'one declaration a name',
  });
}

function readTensor(
  noun: string,
  path: string,
  given: Readonly<Record<string, Tensor>>,
  shape: readonly number[],
): Tensor {
  const found = Object.hasOwn(given, path) ? given[path] : undefined;
  if (found !== undefined && found.shape.join() === shape.join()) return found;
  throw new TweedieError({
    code: 'INVALID_SHAPE',
    package: 'networks',
    given:
      found === undefined
        ? `the ${noun} '${path}' is missing`
        : `the ${noun} '${path}' has the shape [${found.shape.join(', ')}]`,
    allowed: `a tensor of shape [${shape.join(', ')}]`,
  });
}
