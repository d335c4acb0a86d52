import { engine, type Tensor } from '@tensorflow/tfjs-core';
import { TweedieError } from '@tweedie/core';
import type { LeafType } from '../ir/element-type.js';
import { hold, isOnGpu } from './gpu-tensors.js';

export type TypedData = Float32Array | Int32Array | Uint8Array;
/** What a program takes: the elements, or a tensor that stays on the graphics processor. */
export type Argument = TypedData | Tensor;

export const isTensor = (argument: Argument): argument is Tensor => 'dataId' in argument;

/** @throws TweedieError INVALID_VALUE for a disposed tensor, UNSUPPORTED for strings and complex numbers */
export function leafType(tensor: Tensor): LeafType {
  if (tensor.isDisposed) {
    throw new TweedieError({
      code: 'INVALID_VALUE',
      package: 'backend-onnx',
      given: `an argument of shape [${tensor.shape}] is disposed`,
      allowed: 'tensors that are still alive',
    });
  }
  const { dtype, shape } = tensor;
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return { shape, type: dtype };
  throw new TweedieError({
    code: 'UNSUPPORTED',
    package: 'backend-onnx',
    given: `an argument is a ${dtype} tensor`,
    allowed: 'float32, int32 and bool',
  });
}

/** A tensor's elements, without a copy where its backend keeps them in plain memory. */
export async function readData(tensor: Tensor): Promise<TypedData> {
  const owner = engine().state.tensorInfo.get(tensor.dataId)?.backend;
  const inMemory = owner === engine().findBackend('cpu');
  const values = inMemory ? engine().readSync(tensor.dataId) : await tensor.data();
  const numbers = values as ArrayLike<number>;
  switch (tensor.dtype) {
    case 'float32':
      return values instanceof Float32Array ? values : Float32Array.from(numbers);
    case 'int32':
      return values instanceof Int32Array ? values : Int32Array.from(numbers);
    default:
      return values instanceof Uint8Array ? values : Uint8Array.from(numbers);
  }
}

/**
 * The arguments of a call. The reads begin, and tensors that stay where they are are held, before
 * anything is awaited: the caller may dispose the tensors meanwhile.
 *
 * @param home where the program keeps its tensors
 */
export function takeArguments(
  tensors: readonly Tensor[],
  home: 'cpu' | 'webgpu',
): { readonly taken: Promise<readonly Argument[]>; release(): void } {
  const held: Tensor[] = [];
  const take = (tensor: Tensor): Argument | Promise<Argument> => {
    const stays = home === 'webgpu' && tensor.dtype !== 'bool' && tensor.size > 0;
    if (!stays || !isOnGpu(tensor)) return readData(tensor);
    const own = hold(tensor);
    held.push(own);
    return own;
  };
  return {
    taken: Promise.all(tensors.map(take)),
    release() {
      for (const tensor of held) tensor.dispose();
    },
  };
}
