import { add, fill, mul, reshape, type Tensor, type Tensor1D, tile } from '@tensorflow/tfjs-core';
import { toTensors } from '@tweedie/autodiff';
import type { Coefficients, HostParams, Model, Operand, Params } from '@tweedie/core';

/**
 * D = c_skip x + c_out F(c_in x; c_noise) with parameters as they are. Coefficients that change
 * nothing are left out of the graph.
 *
 * @param x [B, ...itemShape]
 * @param label int32 [B], where the network has classes
 */
export function denoised(
  { network }: Model,
  params: Params,
  x: Tensor,
  coefficients: Coefficients<Operand<Tensor>>,
  label: Tensor1D | undefined,
): Tensor {
  const { skip, out, in: scale, noise } = coefficients;
  const time: Tensor1D =
    typeof noise === 'number'
      ? fill([x.shape[0]!], noise)
      : tile(reshape(noise, [1]), [x.shape[0]!]);
  const predicted = network.apply(params, scale === 1 ? x : mul(x, scale), { time, label });
  const scaled = out === 1 ? predicted : mul(predicted, out);
  return skip === 0 ? scaled : add(mul(x, skip), scaled);
}

/** Does something with parameters as tensors, which are then freed. */
export async function withParams<Result>(
  params: HostParams,
  use: (tensors: Params) => Result | Promise<Result>,
): Promise<Result> {
  const tensors = toTensors(params);
  try {
    return await use(tensors);
  } finally {
    for (const tensor of Object.values(tensors)) tensor.dispose();
  }
}
