import { concat, reshape, split, type Tensor, type Tensor1D, tidy } from '@tensorflow/tfjs-core';
import {
  type FloatArray,
  type HostParams,
  hostArray,
  type Params,
  recordOf,
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
  /** Number of values, all parameters together. */
  readonly size: number;
  /**
   * The parameters as one vector, [size].
   *
   * @throws TweedieError INVALID_SHAPE when a parameter is missing, unknown or of another shape
   */
  pack(params: HostParams): FloatArray;
  /**
   * The named pieces of a flat vector, as copies.
   *
   * @throws TweedieError INVALID_SHAPE when the vector is not of `size` values
   */
  unpackHost(flat: Float32Array): HostParams;
  /**
   * The named pieces of a flat tensor. Its gradient with respect to the vector is one concat.
   *
   * @throws TweedieError INVALID_SHAPE when the tensor is not [size]
   */
  unpack(flat: Tensor): Params;
  /**
   * The flat tensor of named pieces.
   *
   * @throws TweedieError INVALID_SHAPE when a parameter is missing, unknown or of another shape
   */
  flatten(params: Params): Tensor1D;
}

/**
 * The layout of these parameters, of which only names and shapes are read.
 *
 * @throws TweedieError INVALID_VALUE when there are none
 */
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
  const shapes = new Map(names.map((name) => [name, [...parameters[name]!.shape]]));
  let size = 0;
  const pieces = [...shapes].map(([name, shape]) => {
    const piece = { name, shape, offset: size, size: sizeOf(shape) };
    size += piece.size;
    return piece;
  });

  const checkLength = (shape: readonly number[]) => {
    if (shape.length === 1 && shape[0] === size) return;
    throw shapeError(`the flat vector has the shape [${shape.join(', ')}]`, `[${size}]`);
  };
  /** Each piece with the value that was given for it, of the right shape. */
  const matched = <Value extends { readonly shape: readonly number[] }>(
    given: Readonly<Record<string, Value>>,
  ) => {
    const unknown = Object.keys(given).find((name) => !shapes.has(name));
    if (unknown !== undefined) {
      throw shapeError(`there is no parameter '${unknown}'`, listed(names));
    }
    return pieces.map((piece) => {
      const value = Object.hasOwn(given, piece.name) ? given[piece.name] : undefined;
      if (value === undefined) {
        throw shapeError(`the parameter '${piece.name}' is missing`, listed(names));
      }
      if (value.shape.join() !== piece.shape.join()) {
        throw shapeError(
          `the parameter '${piece.name}' has the shape [${value.shape.join(', ')}]`,
          `[${piece.shape.join(', ')}]`,
        );
      }
      return { piece, value };
    });
  };

  return {
    names,
    shapes: recordOf(shapes),
    size,
    pack(params) {
      const data = new Float32Array(size);
      for (const { piece, value } of matched(params)) {
        data.set(hostArray(value.data, piece.shape).data, piece.offset);
      }
      return hostArray(data, [size]);
    },
    unpackHost(flat) {
      checkLength([flat.length]);
      return recordOf(
        pieces.map((piece) => {
          const data = flat.slice(piece.offset, piece.offset + piece.size);
          return [piece.name, hostArray(data, piece.shape)];
        }),
      );
    },
    unpack(flat) {
      checkLength(flat.shape);
      return tidy(() => {
        const parts = split(
          flat,
          pieces.map((piece) => piece.size),
        );
        return recordOf(pieces.map(({ name, shape }, i) => [name, reshape(parts[i]!, shape)]));
      });
    },
    flatten: (params) =>
      tidy(() => concat(matched(params).map(({ value }) => reshape(value, [-1]) as Tensor1D))),
  };
}

const listed = (names: readonly string[]) =>
  names.length <= 6 ? names.join(', ') : `${names.slice(0, 6).join(', ')}, … (${names.length})`;

function shapeError(given: string, allowed: string): TweedieError {
  return new TweedieError({ code: 'INVALID_SHAPE', package: 'autodiff', given, allowed });
}
