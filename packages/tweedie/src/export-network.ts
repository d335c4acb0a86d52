import { toTensors } from '@tweedie/autodiff';
import type { HostParams, Params } from '@tweedie/core';

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
