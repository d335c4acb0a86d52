import { add, mul, reshape, type Tensor, type Tensor1D, tile } from '@tensorflow/tfjs-core';
import { toTensors } from '@tweedie/autodiff';
import type { HostParams, Model, Params } from '@tweedie/core';
import type { CoefficientTensors } from './export-coefficients.js';

/**
 * D = c_skip x + c_out F(c_in x; c_noise) with parameters as they are.
 *
 * @param x [B, ...itemShape]
 * @param label int32 [B], where the network has classes
 */
export function denoised(
  { network }: Model,
  params: Params,
  x: Tensor,
  coefficients: CoefficientTensors,
  label: Tensor1D | undefined,
): Tensor {
  const { skip, out, in: scale, noise } = coefficients;
  const time: Tensor1D = tile(reshape(noise, [1]), [x.shape[0]!]);
  const predicted = network.apply(params, scale === undefined ? x : mul(x, scale), { time, label });
  const scaled = out === undefined ? predicted : mul(predicted, out);
  return skip === undefined ? scaled : add(mul(x, skip), scaled);
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
