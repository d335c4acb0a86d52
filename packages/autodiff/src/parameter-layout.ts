import { concat, reshape, split, type Tensor, type Tensor1D, tidy } from '@tensorflow/tfjs-core';
import {
  type FloatArray,
  type HostParams,
  hostArray,
  type Params,
  sizeOf,
  TweedieError,
} from '@tweedie/core';

/**
 * Named parameters in one flat vector, in the order of their declaration. Training keeps
 * parameters, moments and averages as flat vectors, so that an update is a handful of operations
 * whatever the number of parameters.
 */
export interface ParameterLayout {
  readonly names: readonly string[];
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Number of parameters, all together. */
  readonly size: number;
  /** @throws TweedieError INVALID_SHAPE when a parameter is missing, unknown or of another shape */
  pack(params: HostParams): FloatArray;
  /** The named pieces of a flat vector, as copies. */
  unpackHost(flat: Float32Array): HostParams;
  /** The named pieces of a flat tensor; its gradient with respect to the vector is one concat. */
  unpack(flat: Tensor): Params;
  /** The flat tensor of named pieces. */
  flatten(params: Params): Tensor1D;
}

/** @throws TweedieError INVALID_VALUE when there are no parameters */
export function createParameterLayout(
  parameters: Readonly<Record<string, { readonly shape: readonly number[] }>>,
): ParameterLayout {
  const names = Object.keys(parameters);
  if (names.length === 0) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'autodiff',
      given: 'a layout of no parameters was asked for',
      allowed: 'at least one parameter',
    });
  }
  const shapes = Object.fromEntries(names.map((name) => [name, [...parameters[name]!.shape]]));
  const sizes = names.map((name) => sizeOf(shapes[name]!));
  const offsets = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  const size = sizes.reduce((a, b) => a + b, 0);

  const refuse = (given: string): never => {
    throw new TweedieError({
      code: 'INVALID_SHAPE',
      package: 'autodiff',
      given,
      allowed: `the ${names.length} parameters of the layout (${names[0]}, …), of their shapes`,
    });
  };
  const checkLength = (length: number) => {
    if (length !== size) refuse(`the flat vector has ${length} values and the layout ${size}`);
  };

  return {
    names,
    shapes,
    size,
    pack(params) {
      const data = new Float32Array(size);
      const unknown = Object.keys(params).find((name) => !(name in shapes));
      if (unknown !== undefined) refuse(`there is no parameter '${unknown}'`);
      names.forEach((name, i) => {
        const given = params[name];
        if (given === undefined) refuse(`the parameter '${name}' is missing`);
        if (given!.shape.join() !== shapes[name]!.join()) {
          refuse(
            `'${name}' has the shape [${given!.shape.join(', ')}], not [${shapes[name]!.join(', ')}]`,
          );
        }
        data.set(given!.data, offsets[i]);
      });
      return hostArray(data, [size]);
    },
    unpackHost(flat) {
      checkLength(flat.length);
      return Object.fromEntries(
        names.map((name, i) => [
          name,
          hostArray(flat.slice(offsets[i], offsets[i]! + sizes[i]!), shapes[name]!),
        ]),
      );
    },
    unpack(flat) {
      checkLength(flat.size);
      return tidy(() => {
        const pieces = names.length === 1 ? [flat] : split(flat, sizes, 0);
        return Object.fromEntries(
          names.map((name, i) => [name, reshape(pieces[i]!, [...shapes[name]!])]),
        );
      });
    },
    flatten: (params) =>
      tidy(() => {
        const pieces: Tensor[] = names.map((name) => reshape(params[name]!, [-1]));
        return (pieces.length === 1 ? pieces[0]! : concat(pieces, 0)) as Tensor1D;
      }),
  };
}
